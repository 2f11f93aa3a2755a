//! The conversation with one running helper, from its greeting to its end.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};
use zhijie_ports::{
    DeviceEvent, DeviceFault, FromHelper, KEY_LIMIT_MS, KeyAsk, KeyProof, Outcome, PAD_LIMIT_MS,
    PIPE_VERSION, PinTask, ReadRequest, ToHelper,
};

use crate::devices::{DeviceReading, HelperState};
use crate::helper::Helper;
use crate::keys::{KeyRequest, KeySender};
use crate::supervisor::{Answer, Command, Reports};

const GREETING_LIMIT: Duration = Duration::from_secs(10);
/// A helper that has not answered this long after a read's own time is killed. Longer than the helper takes to
/// give up a hanging card by itself; a vendor library's own limit comes on top.
const GRACE: Duration = Duration::from_secs(10);
/// How long the next word of a helper that has ended may take.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// Comes on top with a key service: its own time, and the card's once more.
const KEY_GRACE: Duration = Duration::from_millis(KEY_LIMIT_MS + 6_000);

/// How a conversation ended.
pub(crate) enum End {
    /// The helper died, hung, or spoke another language. Its read was told.
    Lost,
    /// The daemon asked for the end; the sender, if any, waits to hear that it is done.
    Stopped(Option<oneshot::Sender<()>>),
}

struct Pending {
    request: ReadRequest,
    reply: oneshot::Sender<Answer>,
    kill_at: Instant,
}

pub(crate) struct Session<'parts> {
    helper: &'parts mut Helper,
    reports: &'parts mut Reports,
    grace: Duration,
    greeted: bool,
    /// The helper is inside a vendor library: what ends it now is the library's doing.
    in_vendor: bool,
    pending: Option<Pending>,
    keys: Option<KeySender>,
    /// Waits to hear that the scanner's port is closed.
    lending: Option<(u64, oneshot::Sender<()>)>,
    /// A card waits for this answer.
    proof: Option<(u64, oneshot::Receiver<Result<KeyProof, DeviceFault>>)>,
}

impl<'parts> Session<'parts> {
    /// `vendor_limit` is what one call of a vendor library may take, zero without one.
    pub(crate) fn new(
        helper: &'parts mut Helper,
        reports: &'parts mut Reports,
        vendor_limit: Duration,
        keys: Option<KeySender>,
    ) -> Self {
        let mut grace = GRACE.saturating_add(vendor_limit);
        if keys.is_some() {
            grace = grace.saturating_add(KEY_GRACE);
        }
        Self {
            grace,
            helper,
            reports,
            greeted: false,
            in_vendor: false,
            pending: None,
            keys,
            lending: None,
            proof: None,
        }
    }

    /// Runs until either side ends it. Any read still open is answered.
    pub(crate) async fn run(mut self, commands: &mut mpsc::Receiver<Command>) -> End {
        let end = self.converse(commands).await;
        let wanted_card = self.pending.as_ref().is_some_and(|pending| pending.request.card);
        self.answer(Err(match end {
            End::Lost if self.in_vendor && wanted_card => DeviceFault::VendorCrashed,
            End::Lost | End::Stopped(_) => DeviceFault::HelperDown,
        }));
        end
    }

    async fn converse(&mut self, commands: &mut mpsc::Receiver<Command>) -> End {
        let greeting_limit = Instant::now() + GREETING_LIMIT;
        if !self
            .helper
            .say(&ToHelper::Hello {
                version: PIPE_VERSION,
            })
            .await
        {
            return End::Lost;
        }
        loop {
            let limit = if self.greeted {
                self.pending.as_ref().map(|pending| pending.kill_at)
            } else {
                Some(greeting_limit)
            };
            let well = tokio::select! {
                frame = self.helper.frames.recv() => match frame {
                    Some(frame) => self.hear(frame).await,
                    None => return End::Lost,
                },
                ended = self.helper.child.wait() => {
                    tracing::warn!(status = ended.map_or_else(|error| error.to_string(), |status| status.to_string()), "Device helper has ended");
                    self.hear_last_words().await;
                    return End::Lost;
                },
                command = commands.recv() => match command {
                    Some(Command::Shutdown { done }) => return End::Stopped(Some(done)),
                    None => return End::Stopped(None),
                    Some(Command::Cancel) => self.cancel().await,
                    Some(Command::Lend { reply }) => self.lend(reply).await,
                    Some(Command::Resume) => !self.greeted || self.helper.say(&ToHelper::Resume).await,
                    Some(Command::Read { want, pin, voucher, timeout_ms, reply }) => {
                        let id = self.reports.next_id();
                        let request = ReadRequest {
                            id,
                            card: want.card,
                            code: want.code,
                            timeout_ms,
                            today: want.today,
                            pin,
                            voucher,
                            keys: self.keys.is_some(),
                        };
                        self.start(request, reply).await
                    }
                },
                (id, proof) = proved(&mut self.proof) => {
                    self.proof = None;
                    let answer = proof.into();
                    self.helper.say(&ToHelper::Key { id, answer }).await
                }
                () = gone(&mut self.pending) => {
                    let well = self.cancel().await;
                    self.pending = None;
                    well
                }
                () = passed(limit) => {
                    tracing::warn!("Device helper hangs and is killed");
                    return End::Lost;
                }
            };
            if !well {
                return End::Lost;
            }
        }
    }

    /// False when the helper is not to be spoken with any longer.
    async fn hear(&mut self, frame: FromHelper) -> bool {
        if !self.greeted && !matches!(frame, FromHelper::Hello { .. }) {
            tracing::error!("Device helper speaks before its greeting");
            return false;
        }
        match frame {
            FromHelper::Hello {
                version,
                program,
                pid,
            } => {
                if version != PIPE_VERSION || self.greeted {
                    tracing::error!(version, program, "Device helper is of another version");
                    return false;
                }
                self.greeted = true;
                self.reports.helper(HelperState::Up { pid });
                self.reports.event(DeviceEvent::HelperUp { pid });
                match &self.pending {
                    Some(pending) => self.helper.say(&ToHelper::Read(pending.request.clone())).await,
                    None => true,
                }
            }
            FromHelper::Event { event } => {
                if let DeviceEvent::VendorLibrary { inside } = event {
                    self.in_vendor = inside;
                } else {
                    self.reports.event(event);
                }
                true
            }
            FromHelper::Status { status } => {
                self.reports.devices(status);
                true
            }
            FromHelper::Lent { id } => {
                if let Some((_, reply)) = self.lending.take_if(|(asked, _)| *asked == id) {
                    // Whoever asked and left has given it back.
                    let _ = reply.send(());
                }
                true
            }
            FromHelper::KeyAsk { id, ask } => self.ask_key(id, ask).await,
            FromHelper::Done { id, outcome } => {
                self.proof = None;
                if self
                    .pending
                    .as_ref()
                    .is_some_and(|pending| pending.request.id == id)
                {
                    self.answer(match outcome {
                        Outcome::Card(card) => Ok(DeviceReading::Card(card)),
                        Outcome::IdCard(card) => Ok(DeviceReading::IdCard(card)),
                        Outcome::Pin(state) => Ok(DeviceReading::Pin(state)),
                        Outcome::Voucher(text) => Ok(DeviceReading::Voucher(text)),
                        Outcome::Code(code) => Ok(DeviceReading::Code(code)),
                        Outcome::Fault(fault) => Err(fault),
                    });
                }
                true
            }
        }
    }

    /// What a helper that has ended said before. Its pipe ends by itself, unless a program it started holds it open.
    async fn hear_last_words(&mut self) {
        while let Ok(Some(frame)) = tokio::time::timeout(LAST_WORDS, self.helper.frames.recv()).await {
            if !self.hear(frame).await {
                break;
            }
        }
    }

    /// Hands the question on; nobody there, or too busy, is an answer too. Keys are for the card that is being read: a question
    /// for any other goes nowhere.
    async fn ask_key(&mut self, id: u64, ask: KeyAsk) -> bool {
        let (reply, answer) = oneshot::channel();
        let for_a_card = |pending: &Pending| pending.request.card && pending.request.id == id;
        let asked = self
            .keys
            .as_ref()
            .filter(|_| self.pending.as_ref().is_some_and(for_a_card))
            .is_some_and(|keys| keys.try_send(KeyRequest { ask, reply }).is_ok());
        if asked {
            self.proof = Some((id, answer));
            return true;
        }
        let answer = Err(DeviceFault::KeyServiceSilent).into();
        self.helper.say(&ToHelper::Key { id, answer }).await
    }

    /// Before the greeting there is nothing to lend; the dropped reply says so.
    async fn lend(&mut self, reply: oneshot::Sender<()>) -> bool {
        if !self.greeted {
            return true;
        }
        let id = self.reports.next_id();
        self.lending = Some((id, reply));
        self.helper.say(&ToHelper::Lend { id }).await
    }

    /// Before the greeting the request waits for it.
    async fn start(&mut self, request: ReadRequest, reply: oneshot::Sender<Answer>) -> bool {
        // The caller of the read before may have left without our having noticed yet.
        if self
            .pending
            .as_ref()
            .is_some_and(|pending| pending.reply.is_closed())
        {
            if !self.cancel().await {
                return false;
            }
            self.pending = None;
        }
        if self.pending.is_some() {
            // A caller that left does not need to know.
            let _ = reply.send(Err(DeviceFault::ReadInProgress));
            return true;
        }
        let mut patience = Duration::from_millis(request.timeout_ms).saturating_add(self.grace);
        if matches!(request.pin, Some(PinTask::Pad { .. })) {
            patience = patience.saturating_add(Duration::from_millis(PAD_LIMIT_MS));
        }
        let kill_at = Instant::now()
            .checked_add(patience)
            .unwrap_or_else(|| Instant::now() + self.grace);
        let well = !self.greeted || self.helper.say(&ToHelper::Read(request.clone())).await;
        self.pending = Some(Pending {
            request,
            reply,
            kill_at,
        });
        well
    }

    async fn cancel(&mut self) -> bool {
        let Some(pending) = &mut self.pending else {
            return true;
        };
        if !self.greeted {
            self.answer(Err(DeviceFault::Cancelled));
            return true;
        }
        pending.kill_at = pending.kill_at.min(Instant::now() + self.grace);
        let id = pending.request.id;
        self.helper.say(&ToHelper::Cancel { id }).await
    }

    fn answer(&mut self, answer: Answer) {
        if let Some(pending) = self.pending.take() {
            // A caller that left does not need to know.
            let _ = pending.reply.send(answer);
        }
    }
}

/// Resolves when the key service has answered, or gave up on it.
async fn proved(
    proof: &mut Option<(u64, oneshot::Receiver<Result<KeyProof, DeviceFault>>)>,
) -> (u64, Result<KeyProof, DeviceFault>) {
    match proof {
        Some((id, answer)) => {
            let told = answer.await;
            (*id, told.unwrap_or(Err(DeviceFault::KeyServiceSilent)))
        }
        None => core::future::pending().await,
    }
}

/// Resolves when the caller of the pending read has gone away.
async fn gone(pending: &mut Option<Pending>) {
    match pending {
        Some(pending) => pending.reply.closed().await,
        None => core::future::pending().await,
    }
}

async fn passed(limit: Option<Instant>) {
    match limit {
        Some(limit) => sleep_until(limit).await,
        None => core::future::pending().await,
    }
}
