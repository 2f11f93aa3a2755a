//! Questions of a card for a key service, handed to whoever has the network.

use tokio::sync::{mpsc, oneshot};
use zhijie_ports::{DeviceFault, KeyAsk, KeyProof};

/// Where the questions go; full is an answer.
pub type KeySender = mpsc::Sender<KeyRequest>;

/// One question. A dropped `reply` is silence.
#[derive(Debug)]
pub struct KeyRequest {
    pub ask: KeyAsk,
    pub reply: oneshot::Sender<Result<KeyProof, DeviceFault>>,
}
