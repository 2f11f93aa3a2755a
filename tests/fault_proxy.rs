//! A line to the platform that fails on demand, at the level of TCP: what it carries stays sealed to it.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};

use crate::fault_line::{Fault, Line, Trace};

/// Connections that may wait to be taken.
const BACKLOG: u32 = 1024;

/// A listener on loopback that passes every connection on to the platform, each with a fault of its own.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    taken: watch::Receiver<usize>,
    door: Mutex<Option<Door>>,
    /// Bound to the port and never listening: while the door is closed, connections are refused and nobody else gets
    /// the port.
    _port: TcpSocket,
}

#[derive(Debug)]
struct Door {
    close: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    platform: SocketAddr,
    plan: Mutex<VecDeque<Fault>>,
    traces: Mutex<Vec<Trace>>,
    lines: Mutex<JoinSet<()>>,
    taken: watch::Sender<usize>,
}

impl FaultProxy {
    /// Opens the door in front of `platform`, an `https` address with a port.
    ///
    /// # Errors
    /// When the address is none or no port can be had.
    pub fn open(platform: &str) -> anyhow::Result<Self> {
        let platform = platform
            .trim_start_matches("https://")
            .parse()
            .context("platform address")?;
        let port = socket(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let address = port.local_addr()?;
        let (sender, taken) = watch::channel(0);
        let shared = Arc::new(Shared {
            platform,
            plan: Mutex::default(),
            traces: Mutex::default(),
            lines: Mutex::default(),
            taken: sender,
        });
        let proxy = Self {
            address,
            shared,
            taken,
            door: Mutex::default(),
            _port: port,
        };
        proxy.listen()?;
        Ok(proxy)
    }

    /// What the agent takes for the platform.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// The next connections get these faults, one each; those after them pass.
    pub fn plan(&self, faults: impl IntoIterator<Item = Fault>) {
        let mut plan = lock(&self.shared.plan);
        plan.clear();
        plan.extend(faults);
    }

    /// Takes what is left of the plan: every further connection passes.
    pub fn pass(&self) -> Vec<Fault> {
        std::mem::take(&mut *lock(&self.shared.plan)).into()
    }

    /// Connections are refused from now on; those that stand go on.
    pub async fn refuse(&self) {
        let door = lock(&self.door).take();
        if let Some(door) = door {
            let _ = door.close.send(());
            let _ = door.task.await;
        }
    }

    /// Connections that stand end at once.
    pub fn break_off(&self) {
        lock(&self.shared.lines).abort_all();
    }

    /// Listens again, after [`FaultProxy::refuse`].
    ///
    /// # Errors
    /// When the system does not let it.
    pub fn listen(&self) -> anyhow::Result<()> {
        let listener = socket(self.address)?.listen(BACKLOG)?;
        let (close, closed) = oneshot::channel();
        let task = tokio::spawn(take(listener, closed, Arc::clone(&self.shared)));
        *lock(&self.door) = Some(Door { close, task });
        Ok(())
    }

    /// How many connections were taken since the start.
    #[must_use]
    pub fn taken(&self) -> usize {
        *self.taken.borrow()
    }

    /// Waits until `count` connections were taken since the start.
    pub async fn until_taken(&self, count: usize) {
        let _ = self.taken.clone().wait_for(|taken| *taken >= count).await;
    }

    /// What became of every connection that has ended since this was asked last.
    #[must_use]
    pub fn traces(&self) -> Vec<Trace> {
        std::mem::take(&mut *lock(&self.shared.traces))
    }
}

/// The listening itself.
async fn take(listener: TcpListener, mut closed: oneshot::Receiver<()>, shared: Arc<Shared>) {
    loop {
        let taken = tokio::select! {
            taken = listener.accept() => taken,
            _ = &mut closed => return,
        };
        let Ok((client, _)) = taken else { continue };
        let fault = lock(&shared.plan).pop_front().unwrap_or(Fault::Pass);
        shared.taken.send_modify(|count| *count += 1);
        let here = Arc::clone(&shared);
        let mut lines = lock(&shared.lines);
        while lines.try_join_next().is_some() {}
        lines.spawn(async move {
            let trace = Line::new(fault).carry(client, here.platform).await;
            lock(&here.traces).push(trace);
        });
    }
}

/// A socket that shares its port with others of this program.
fn socket(address: SocketAddr) -> anyhow::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    Ok(socket)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
