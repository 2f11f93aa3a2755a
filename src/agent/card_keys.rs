//! The key service of the province, asked for a card that waits.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use zhijie_devicelink::{DeviceFault, KeyRequest, KeySender};
use zhijie_ports::{KEY_LIMIT_MS, KeyAsk, KeyProof};
use zhijie_uplink::{LineAnswer, LineService};

/// Questions waiting; one card is read at a time.
const QUESTIONS_MAX: usize = 4;
/// What one question may take: less than the card waits, so that the answer still finds it.
pub(crate) const WITHIN: Duration = Duration::from_millis(KEY_LIMIT_MS - 500);

/// Answers what cards ask until nobody asks any more. A question is asked once, whatever comes of it.
pub(crate) fn serve(service: LineService, terminal: Option<String>) -> KeySender {
    let (questions, mut asked) = mpsc::channel::<KeyRequest>(QUESTIONS_MAX);
    let service = Arc::new(service);
    tokio::spawn(async move {
        while let Some(request) = asked.recv().await {
            let told = prove(&service, &request.ask, terminal.as_deref()).await;
            match &told {
                Ok(_) => tracing::info!("The key service gave a proof for a card"),
                Err(fault) => tracing::warn!(%fault, "The key service gave no proof for a card"),
            }
            // The card may be out by now.
            let _ = request.reply.send(told);
        }
    });
    questions
}

async fn prove(service: &LineService, ask: &KeyAsk, terminal: Option<&str>) -> Result<KeyProof, DeviceFault> {
    match service.ask(&ask.to_line(terminal)).await {
        LineAnswer::Line(line) => KeyProof::parse(line.reveal().as_bytes()),
        LineAnswer::Refused(said) => Err(DeviceFault::KeyServiceRefused {
            said: (!said.reveal().is_empty()).then_some(said),
        }),
        LineAnswer::Nothing => Err(DeviceFault::KeyServiceSilent),
    }
}
