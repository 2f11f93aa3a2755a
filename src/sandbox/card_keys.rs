//! The province's key service for cards of the third generation, one line in and one line out.

use std::io;

use hyper::{Response, StatusCode};
use zhijie_twin::VirtualKeyService;

use crate::body::Paced;
use crate::faults::FaultKind;
use crate::province::Province;

/// Where it is asked, in every dress.
pub(crate) const PATH: &str = "/card-keys";
/// What its faults wait for and its calls are listed under.
pub(crate) const NAME: &str = "card-keys";

/// `wrong_signature` lets the card refuse the proof; the others do what they do to any call.
pub(crate) async fn answer(province: &Province, body: &[u8]) -> io::Result<Response<Paced>> {
    let n = province.calls.arrive(NAME, "", None, province.time());
    let fault = province.faults.take(NAME, "", None);
    let kind = fault.as_ref().map(|fault| fault.kind);
    if let Some(fault) = &fault {
        province.calls.struck(n, format!("{:?}", fault.kind));
    }
    match kind {
        Some(FaultKind::Delay | FaultKind::DelayAfterCommit) => {
            let wait = fault.as_ref().map(crate::faults::Fault::wait);
            tokio::time::sleep(wait.unwrap_or_default()).await;
        }
        Some(FaultKind::DropBeforeCommit | FaultKind::DropAfterCommit) => {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        _ => {}
    }
    let service = VirtualKeyService {
        wrong: kind == Some(FaultKind::WrongSignature),
        ..VirtualKeyService::default()
    };
    let said = fault.and_then(|fault| fault.text).unwrap_or_default();
    let told = match kind {
        Some(FaultKind::Refuse) => Err(said),
        Some(FaultKind::BadJsonAfterCommit | FaultKind::Empty) => Ok(String::new()),
        _ => service
            .answer(&String::from_utf8_lossy(body))
            .map_err(String::from),
    };
    province.calls.decided(n, told.is_ok());
    province.calls.answered(n);
    let (status, text) = match told {
        Ok(line) => (StatusCode::OK, line),
        Err(words) => (StatusCode::FORBIDDEN, words),
    };
    let mut response = Response::new(Paced::whole(text));
    *response.status_mut() = status;
    Ok(response)
}
