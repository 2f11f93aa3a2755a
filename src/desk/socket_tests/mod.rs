//! The server over a real Unix socket.

mod crowd;
mod file;
mod flood;
mod lines;

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::value::RawValue;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::api::{Hello, PersonLookupParams};
use crate::{Client, Handler, Limits, Method, Peer, RpcError, Server, parse_params, result};

/// A stored answer with blanks, escapes and number texts that a second writing would lose.
pub(crate) const STORED: &str = r#"{"z": 1.50,  "a":"\u836f", "n":1e2}"#;

/// A handler whose methods do what the tests need.
#[derive(Debug)]
pub(crate) struct Desk {
    /// `visit.status` waits for a permit.
    pub(crate) gate: Semaphore,
    /// Every peer that calls `identity.read`.
    pub(crate) peers: mpsc::UnboundedSender<Arc<Peer>>,
}

impl Handler for Desk {
    async fn call(
        &self,
        peer: Arc<Peer>,
        method: Method,
        params: Box<RawValue>,
    ) -> Result<Box<RawValue>, RpcError> {
        match method {
            Method::AgentInfo => Ok(RawValue::from_string(String::from(STORED)).unwrap()),
            Method::AgentHealth => result(&json!({"uid": peer.id().uid, "pid": peer.id().pid})),
            Method::PersonLookup => {
                parse_params::<PersonLookupParams>(&params)?;
                Ok(params)
            }
            Method::VisitStatus => {
                self.gate.acquire().await.unwrap().forget();
                Ok(params)
            }
            Method::IdentityRead => {
                self.peers.send(Arc::clone(&peer)).unwrap();
                peer.hung_up().await;
                result(&json!({"taken_back": true}))
            }
            Method::ReceiptGet => result(&"x".repeat(100_000)),
            Method::EventsSubscribe => {
                let told = (0..100_000).all(|at| peer.notify("event", &json!({"at": at})).is_ok());
                result(&told)
            }
            Method::VisitSettle => panic!("this call breaks off"),
            Method::IdentityCancel
            | Method::IdentityCompare
            | Method::CardPin
            | Method::InstitutionFind
            | Method::DictionaryList
            | Method::FilingCheck
            | Method::FilingHistory
            | Method::FilingRecord
            | Method::FilingDispute
            | Method::FilingRefer
            | Method::FilingRegisterChronic
            | Method::FilingFixPlace
            | Method::FilingWithdraw
            | Method::FilingForget
            | Method::VisitQuote
            | Method::VisitConfirm
            | Method::VisitCancel
            | Method::PharmacyQuote
            | Method::PharmacySettle
            | Method::PharmacyCancel
            | Method::StayAdmit
            | Method::StayChange
            | Method::StayCharge
            | Method::StayWithdrawCharges
            | Method::StayDischarge
            | Method::StayQuote
            | Method::StaySettle
            | Method::StayCancel
            | Method::StayUndoDischarge
            | Method::StayUndoAdmission
            | Method::StayStatus
            | Method::CatalogMap
            | Method::CatalogSync
            | Method::CatalogStatus
            | Method::CatalogLookup
            | Method::CatalogCheck
            | Method::VisitCheck
            | Method::VisitDetails
            | Method::PersonMedicines
            | Method::ReceiptSheet
            | Method::QueueList
            | Method::QueueRun
            | Method::WorkList
            | Method::ReconcileDay
            | Method::ReconcileTotals
            | Method::WorkResolve => Err(RpcError::internal()),
        }
    }
}

/// A server in a folder of its own.
pub(crate) struct House {
    pub(crate) desk: Arc<Desk>,
    pub(crate) peers: mpsc::UnboundedReceiver<Arc<Peer>>,
    pub(crate) path: PathBuf,
    pub(crate) stop: Option<oneshot::Sender<()>>,
    pub(crate) serving: JoinHandle<()>,
    _folder: TempDir,
}

impl House {
    pub(crate) fn open(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("desk.sock");
        let server = Server::bind(&path, Some("no such group"))
            .unwrap()
            .with_limits(limits);
        let (sender, peers) = mpsc::unbounded_channel();
        let desk = Arc::new(Desk {
            gate: Semaphore::new(0),
            peers: sender,
        });
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(server.serve(Arc::clone(&desk), Hello::new("0.1.0"), async {
            let _ = stopped.await;
        }));
        Self {
            desk,
            peers,
            path,
            stop: Some(stop),
            serving,
            _folder: folder,
        }
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(&self.path).await.unwrap()
    }

    /// A connection without manners; the greeting has been read.
    pub(crate) async fn stranger(&self) -> Stranger {
        let stream = UnixStream::connect(&self.path).await.unwrap();
        let mut stranger = Stranger {
            stream: BufReader::new(stream),
        };
        assert_eq!(stranger.read().await.unwrap()["method"], "hello");
        stranger
    }
}

/// Writes bytes and reads lines.
pub(crate) struct Stranger {
    pub(crate) stream: BufReader<UnixStream>,
}

impl Stranger {
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).await.unwrap();
    }

    /// The next message, or `None` when the agent has closed.
    pub(crate) async fn read(&mut self) -> Option<Value> {
        let mut line = String::new();
        let length = self.stream.read_line(&mut line).await.unwrap_or(0);
        (length > 0).then(|| serde_json::from_str(&line).unwrap())
    }
}

/// Proves that a neighbour is served as ever.
pub(crate) async fn is_well(neighbour: &Client) {
    assert_eq!(
        neighbour.call("agent.info", &json!({})).await.unwrap().get(),
        STORED
    );
}
