//! What a desk's devices cost: a card read through a real card service, a helper that comes back, and an idle desk.

#![expect(clippy::print_stdout, reason = "telling figures is what this is for")]

use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, bail};
use jiff::civil::Date;
use pcsc::{Context, Disposition, Protocols, Scope, ShareMode, Transaction};
use zhijie_benches::{Awake, median, median_ratio, moment};
use zhijie_devicelink::{DeviceConfig, DeviceEvent, Devices, HelperState};
use zhijie_pcsc::{Reader, ReaderPhase, read_basic};
use zhijie_ports::{CardChannel, CardReader, ChannelFault, DeviceFault, NoKeys};
use zhijie_tests::{Options, Stage, program};
use zhijie_twin::{CardData, PrivatePcscd, VirtualCard};

const ROUNDS: usize = 31;
const TODAY: Date = Date::constant(2026, 11, 22);
/// The reference counts the commands of a whole reading like this; ours leaves out the category and the initialising body.
const COMMANDS_KNOWN: usize = 17;
/// A minute shows what wakes up every half minute.
const IDLE: Duration = Duration::from_secs(60);

fn main() -> anyhow::Result<()> {
    // The card service's address has to be in the environment before anything of it is loaded.
    if std::env::args().any(|argument| argument == "card") {
        return card();
    }
    let pcscd = PrivatePcscd::start()?;
    let mut slot = pcscd.slot(0);
    slot.insert(VirtualCard::new(CardData::default())?)?;
    let status = Command::new(std::env::current_exe()?)
        .arg("card")
        .env(PrivatePcscd::CLIENT_VARIABLE, pcscd.socket())
        .status()?;
    anyhow::ensure!(status.success(), "the card was not read");
    drop(slot);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(restart())?;
    runtime.block_on(idle())
}

/// A card that counts and times what is sent to it.
struct Timed<'card> {
    transaction: Transaction<'card>,
    atr: Vec<u8>,
    trips: Vec<Duration>,
}

impl CardChannel for Timed<'_> {
    fn atr(&self) -> &[u8] {
        &self.atr
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ChannelFault> {
        let mut buffer = [0_u8; pcsc::MAX_BUFFER_SIZE];
        let (answer, taken) = moment(|| {
            self.transaction
                .transmit(command, &mut buffer)
                .map(<[u8]>::to_vec)
        });
        self.trips.push(taken);
        answer.map_err(|_| ChannelFault::Device(DeviceFault::ReaderSilent))
    }
}

fn card() -> anyhow::Result<()> {
    let context = Context::establish(Scope::User)?;
    let name = std::ffi::CString::new(PrivatePcscd::READER)?;
    while context.connect(&name, ShareMode::Shared, Protocols::ANY).is_err() {
        std::thread::yield_now();
    }
    let mut reader = Reader::new(PrivatePcscd::READER, ReaderPhase::default())?;
    let (mut talks, mut wholes, mut commands) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        let mut card = context.connect(&name, ShareMode::Shared, Protocols::ANY)?;
        let atr = card.status2_owned()?.atr().to_vec();
        let mut timed = Timed {
            transaction: card.transaction()?,
            atr,
            trips: Vec::new(),
        };
        let (read, talk) = moment(|| read_basic(&mut timed, "bench", 0, TODAY, &mut NoKeys));
        if read.is_err() {
            bail!("the card is not read: {read:?}");
        }
        let trips: Duration = timed.trips.iter().sum();
        commands = timed.trips.len();
        drop(timed);
        card.disconnect(Disposition::LeaveCard)
            .map_err(|(_, error)| error)?;
        let (read, whole) = moment(|| reader.read_card(TODAY, &mut NoKeys));
        read?;
        talks.push((talk, trips));
        wholes.push((whole, trips));
    }
    println!("bench: card commands {commands} (known minimum {COMMANDS_KNOWN})");
    for (what, goal, taken) in [
        ("card read against its round trips", Some(1.03), &talks),
        ("card read with connecting and letting go", None, &wholes),
    ] {
        let ratio = median_ratio(taken);
        let goal = goal.map_or_else(
            || String::from("no goal"),
            |goal| format!("goal {goal:.2}{}", if ratio <= goal { "" } else { ", MISSED" }),
        );
        let ours = median(taken.iter().map(|(ours, _)| *ours).collect());
        let bare = median(taken.iter().map(|(_, bare)| *bare).collect());
        println!("bench: {what} ratio {ratio:.3} ({goal}), ours {ours:?}, bare {bare:?}");
    }
    Ok(())
}

/// From the death of a helper to the greeting of the next.
async fn restart() -> anyhow::Result<()> {
    let mut taken = Vec::new();
    for _ in 0..9 {
        let mut config = DeviceConfig::new(program("zhijie-devices")?);
        config.card = false;
        let (devices, mut events) = Devices::start(config);
        devices
            .wait_for(|state| matches!(state.helper, HelperState::Up { .. }))
            .await
            .context("no helper")?;
        let HelperState::Up { pid } = devices.state().helper else {
            bail!("the helper is down")
        };
        let up = |event: &DeviceEvent| matches!(event, DeviceEvent::HelperUp { .. });
        while !events.recv().await.as_ref().is_some_and(up) {}
        let began = Awake::clock();
        kill(pid)?;
        while !events.recv().await.as_ref().is_some_and(up) {}
        taken.push(began.elapsed());
        devices.shutdown().await;
    }
    let middle = median(taken);
    let verdict = if middle < Duration::from_millis(300) {
        ""
    } else {
        " MISSED"
    };
    println!("bench: helper restart {middle:?} (goal 300ms){verdict}");
    Ok(())
}

fn kill(pid: u32) -> anyhow::Result<()> {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid)?).context("no process")?;
    Ok(rustix::process::kill_process(pid, rustix::process::Signal::KILL)?)
}

/// Counts what wakes up at a desk at which nothing happens.
async fn idle() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        card: true,
        scanner: true,
        ..Options::default()
    })
    .await?;
    let agent = stage.agent_id().context("no agent")?;
    let there = |health: &serde_json::Value| {
        health.pointer("/devices/scanner") == Some(&serde_json::Value::Bool(true))
            && health.pointer("/devices/readers/0").is_some()
    };
    stage.health_until(there).await?;
    let helper = Awake::child_of(agent)?;
    // What was just done is tidied up, and the waits of the card service grow.
    tokio::time::sleep(IDLE).await;
    for (what, awake) in [("agent", Awake::watch(agent)), ("helper", Awake::watch(helper))] {
        let counted = awake.count(IDLE)?;
        let most = IDLE.as_secs() / 10;
        let verdict = if counted.moments <= most { "" } else { " MISSED" };
        println!(
            "bench: idle {what} awake {} times in {IDLE:?} (goal {most}){verdict}, switches {}",
            counted.moments, counted.switches
        );
        for (thread, switches) in counted.threads {
            println!("bench:   {thread} {switches}");
        }
    }
    Ok(())
}
