//! The platform's listener: TLS, HTTP, one call, and the faults that strike on the way in or out.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, DATE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::body::Paced;
use crate::dress::{Address, Dress, spoil};
use crate::envelope::{self, Request as Call, glimpse};
use crate::faults::{Fault, FaultKind};
use crate::province::{Executed, Province, text};
use crate::refusal::Refusal;
use crate::{store, transactions};

/// Largest request body.
const BODY_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Rest after a connection could not be accepted, for instance because too many files are open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The page of a gateway that cannot reach what is behind it.
const HTML: &str = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center>\
                    <hr><center>gateway</center></body></html>";

/// Accepts connections for ever. Dropping the future closes them; calls under way are finished all the same.
pub(crate) async fn run(listener: TcpListener, tls: TlsAcceptor, province: Arc<Province>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, tls.clone(), Arc::clone(&province)));
                }
                Err(error) => {
                    tracing::warn!(%error, "Could not accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, tls: TlsAcceptor, province: Arc<Province>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "Could not switch off delayed sending");
    }
    let stream = match tls.accept(stream).await {
        Ok(stream) => stream,
        Err(error) => {
            tracing::info!(%error, "Turned away a client during the handshake");
            return;
        }
    };
    let service = service_fn(|request| call(Arc::clone(&province), request));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "Connection ended early");
    }
}

/// An error closes the connection without a byte.
async fn call(province: Arc<Province>, request: Request<Incoming>) -> io::Result<Response<Paced>> {
    let dated = Arc::clone(&province);
    let mut response = enter(province, request).await?;
    let date = dated.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(date) = HeaderValue::from_str(&date) {
        response.headers_mut().insert(DATE, date);
    }
    Ok(response)
}

async fn enter(province: Arc<Province>, request: Request<Incoming>) -> io::Result<Response<Paced>> {
    let (parts, body) = request.into_parts();
    let Some(door) = door(&province, parts.uri.path(), &parts.headers) else {
        return Ok(plain(StatusCode::NOT_FOUND, "no such address"));
    };
    if parts.method != Method::POST {
        return Ok(plain(StatusCode::METHOD_NOT_ALLOWED, "POST only"));
    }
    let Ok(body) = Limited::new(body, BODY_BYTES_MAX).collect().await else {
        return Ok(plain(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body too large or broken off",
        ));
    };
    let body = body.to_bytes().to_vec();
    let headers = &parts.headers;
    let address = match door {
        Door::Token => return Ok(grant(&province, headers, &body)),
        Door::CardKeys => return crate::card_keys::answer(&province, &body).await,
        Door::Voucher => None,
        Door::Transaction(address) => Some(address),
    };
    if let Some(reason) = turned_away(&province, headers, &body) {
        tracing::info!(reason, "Turned away at the gateway");
        return Ok(plain(StatusCode::UNAUTHORIZED, reason));
    }
    if !is_announced(&province, headers) {
        return Ok(plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "another content type"));
    }
    // A platform finishes what has arrived, whether or not the caller is still there.
    let answered = match address {
        Some(address) => tokio::spawn(answer(province, address, body)),
        None => tokio::spawn(decode(province, body)),
    };
    answered.await.map_err(io::Error::other)?
}

/// What stands behind a path.
enum Door {
    Transaction(Address),
    Token,
    Voucher,
    CardKeys,
}

fn door(province: &Province, path: &str, headers: &HeaderMap) -> Option<Door> {
    if path == crate::card_keys::PATH {
        return Some(Door::CardKeys);
    }
    let Some(dress) = province.dress() else {
        return Address::plain(path).map(Door::Transaction);
    };
    if dress.token_path() == Some(path) {
        Some(Door::Token)
    } else if dress.voucher_path() == Some(path) {
        Some(Door::Voucher)
    } else {
        dress.address(path, headers).map(Door::Transaction)
    }
}

fn grant(province: &Province, headers: &HeaderMap, body: &[u8]) -> Response<Paced> {
    let form = String::from_utf8_lossy(body);
    let dress = province.dress().ok_or("no such service");
    let granted = dress.and_then(|dress| dress.grant(&mut province.gate(), headers, &form, province.now()));
    match granted {
        Ok(token) => json(text(&token)),
        Err(reason) => plain(StatusCode::UNAUTHORIZED, reason),
    }
}

/// The e-voucher service, which is asked in its own envelope.
async fn decode(province: Arc<Province>, body: Vec<u8>) -> io::Result<Response<Paced>> {
    let received = province.now();
    let body = String::from_utf8_lossy(&body).into_owned();
    let Some(dress) = province.dress() else {
        return Ok(plain(StatusCode::NOT_FOUND, "no such address"));
    };
    let letter = match dress.open_letter(&body) {
        Ok(letter) => letter,
        Err(refusal) => return Ok(json(text(&refusal))),
    };
    let n = province.calls.arrive("1162", &letter.id, None, province.time());
    let fault = province.faults.take("1162", &letter.id, None);
    if let Some(fault) = &fault {
        province.calls.struck(n, format!("{:?}", fault.kind));
        if let Some(instead) = before(&province, n, fault, received).await {
            return instead;
        }
    }
    let here = Arc::clone(&province);
    let executed =
        tokio::task::spawn_blocking(move || match envelope::of_letter(&letter, here.options.area) {
            Ok(request) => here.execute(&request, received, None),
            Err(refusal) => here.refuse(&refusal, received),
        });
    let executed = executed.await.map_err(io::Error::other)?;
    province.calls.decided(n, executed.done);
    let told = text(&dress.close_letter(&executed.body, province.now()));
    let response = match &fault {
        Some(fault) => after(fault, told).await,
        None => Ok(json(told)),
    };
    province.calls.answered(n);
    response
}

async fn answer(province: Arc<Province>, address: Address, body: Vec<u8>) -> io::Result<Response<Paced>> {
    let received = province.now();
    let Ok(body) = String::from_utf8(body) else {
        return Ok(json(text(&envelope::no_envelope(&Refusal::front(
            "报文不是UTF-8编码",
        )))));
    };
    if serde_json::from_str::<serde::de::IgnoredAny>(&body).is_err() || !body.trim_start().starts_with('{') {
        return Ok(json(text(&envelope::no_envelope(&Refusal::front(
            "报文不是JSON格式",
        )))));
    }
    let opened = province
        .dress()
        .map_or(Ok(body.clone()), |dress| dress.open(body.clone()));
    let seen = glimpse(opened.as_ref().unwrap_or(&body));
    let read = opened.and_then(|clear| read(&province, &address, &clear));
    let visit = read
        .as_ref()
        .ok()
        .and_then(|request| province.with_db(|db| transactions::visit_number(db, &request.input)));
    let fault = province.faults.take(&seen.infno, &seen.msgid, visit.as_deref());
    let n = province
        .calls
        .arrive(&seen.infno, &seen.msgid, visit, province.time());
    if let Some(fault) = &fault {
        province.calls.struck(n, format!("{:?}", fault.kind));
        tracing::info!(infno = seen.infno, kind = ?fault.kind, "A fault strikes");
        if let Some(instead) = before(&province, n, fault, received).await {
            return instead;
        }
    }
    let road = read
        .as_ref()
        .ok()
        .and_then(|request| province.with_db(|db| province.road(db, request)));
    if let Some((_, road)) = &road {
        tokio::time::sleep(road.delay()).await;
    }
    let mut executed = match read {
        Err(refusal) => province.refuse(&refusal, received),
        Ok(request)
            if fault
                .as_ref()
                .is_some_and(|fault| fault.kind == FaultKind::LateExecution) =>
        {
            let wait = fault.as_ref().map(Fault::wait).unwrap_or_default();
            tokio::spawn(later(province, n, request, wait));
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(request) => {
            let here = Arc::clone(&province);
            let strikes = fault.clone();
            tokio::task::spawn_blocking(move || at_once(&here, &request, received, strikes.as_ref()))
                .await
                .map_err(io::Error::other)?
        }
    };
    province.calls.decided(n, executed.done);
    let lost = road.and_then(|(region, road)| road.lost_answer(&region));
    if let Some(lost) = lost.filter(|_| executed.done) {
        executed.body = province.refuse(&lost, received).body;
    }
    executed.body = closed(&province, executed.body);
    tracing::info!(
        infno = seen.infno,
        msgid = seen.msgid,
        done = executed.done,
        "Call"
    );
    let response = match (fault, executed.file) {
        (Some(fault), Some(file)) if fault.kind == FaultKind::HalfAnswer => {
            Ok(respond(StatusCode::OK, BYTES, Paced::half(file)))
        }
        (Some(fault), _) => after(&fault, executed.body).await,
        (None, Some(file)) => Ok(respond(StatusCode::OK, BYTES, Paced::whole(file))),
        (None, None) => Ok(json(executed.body)),
    };
    let whole = response
        .as_ref()
        .is_ok_and(|response| !matches!(response.body(), Paced::Half { .. }));
    if whole {
        province.calls.answered(n);
    }
    response
}

fn at_once(
    province: &Province,
    request: &Call,
    received: jiff::Timestamp,
    fault: Option<&Fault>,
) -> Executed {
    match fault.map(|fault| fault.kind) {
        Some(FaultKind::SignInExpired) => {
            if let Err(error) = province.with_db(|db| store::expire_sign_ins(db)) {
                tracing::error!(%error, "Could not end the sign-ins");
            }
        }
        Some(FaultKind::Duplicate) => {
            province.execute(request, received, None);
        }
        _ => {}
    }
    province.execute(request, received, fault)
}

/// Executes a call that nobody waits for any more.
async fn later(province: Arc<Province>, n: u64, request: Call, wait: Duration) {
    tokio::time::sleep(wait).await;
    let here = Arc::clone(&province);
    let executed = tokio::task::spawn_blocking(move || here.execute(&request, here.now(), None)).await;
    match executed {
        Ok(executed) => province.calls.decided(n, executed.done),
        Err(error) => tracing::error!(%error, "Could not execute a late call"),
    }
}

/// The answer in the dress of this province.
fn closed(province: &Province, body: String) -> String {
    match province.dress() {
        Some(dress) => dress.close(body),
        None => body,
    }
}

fn read(province: &Province, address: &Address, body: &str) -> Result<Call, Refusal> {
    let request = envelope::read(body, province.options.input_chars_max)?;
    if let Some(dress) = province.dress() {
        envelope::check_extras(body, dress.extras())?;
    }
    if address.takes(&request.infno) {
        Ok(request)
    } else {
        Err(transactions::unknown(&request.infno))
    }
}

/// Faults that strike before anything is done; `None` when the call goes on.
async fn before(
    province: &Province,
    n: u64,
    fault: &Fault,
    received: jiff::Timestamp,
) -> Option<io::Result<Response<Paced>>> {
    match fault.kind {
        FaultKind::Delay => {
            tokio::time::sleep(fault.wait()).await;
            None
        }
        FaultKind::DropBeforeCommit => Some(Err(io::ErrorKind::ConnectionReset.into())),
        FaultKind::Html => {
            province.calls.answered(n);
            Some(Ok(html()))
        }
        FaultKind::Refuse => {
            let said = fault.text.as_deref().unwrap_or("FSI-系统异常");
            let Executed { body, done, .. } = province.refuse(&Refusal::verbatim(said), received);
            province.calls.decided(n, done);
            province.calls.answered(n);
            Some(Ok(json(closed(province, body))))
        }
        _ => None,
    }
}

/// Faults that strike when the call is done.
async fn after(fault: &Fault, body: String) -> io::Result<Response<Paced>> {
    match fault.kind {
        FaultKind::DelayAfterCommit => {
            tokio::time::sleep(fault.wait()).await;
            Ok(json(body))
        }
        FaultKind::DropAfterCommit => Err(io::ErrorKind::ConnectionReset.into()),
        FaultKind::HalfAnswer => Ok(respond(StatusCode::OK, JSON, Paced::half(body))),
        FaultKind::HtmlAfterCommit => Ok(html()),
        FaultKind::SlowBytes => Ok(respond(StatusCode::OK, JSON, Paced::slow(body, fault.wait()))),
        FaultKind::Empty => Ok(json(String::new())),
        FaultKind::WrongSignature => Ok(json(spoil(&body))),
        FaultKind::BadJsonAfterCommit => {
            let half: String = body.chars().take(body.chars().count() / 2).collect();
            Ok(json(half))
        }
        FaultKind::Delay
        | FaultKind::DropBeforeCommit
        | FaultKind::Html
        | FaultKind::Refuse
        | FaultKind::OtherPerson
        | FaultKind::LateExecution
        | FaultKind::Duplicate
        | FaultKind::SignInExpired
        | FaultKind::StaleQuery
        | FaultKind::WrongAmounts => Ok(json(body)),
    }
}

fn turned_away(province: &Province, headers: &HeaderMap, body: &[u8]) -> Option<&'static str> {
    let now = province.now();
    let gate = &mut *province.gate();
    if let Some(dress) = province.dress() {
        return dress.admit(gate, headers, body, now).err();
    }
    let known = province.options.tif.as_ref()?;
    let known = (known.paasid.as_str(), &known.secret);
    gate.tif.check(headers, "x-tif", known, now).err()
}

fn is_announced(province: &Province, headers: &HeaderMap) -> bool {
    let wanted = province.dress().map_or("application/json", Dress::content_type);
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.to_ascii_lowercase().starts_with(wanted))
}

const JSON: &str = "application/json;charset=UTF-8";
const BYTES: &str = "application/octet-stream";

fn json(body: String) -> Response<Paced> {
    respond(StatusCode::OK, JSON, Paced::whole(body))
}

fn html() -> Response<Paced> {
    respond(StatusCode::BAD_GATEWAY, "text/html", Paced::whole(HTML))
}

fn plain(status: StatusCode, text: &'static str) -> Response<Paced> {
    respond(status, "text/plain", Paced::whole(text))
}

fn respond(status: StatusCode, content_type: &'static str, body: Paced) -> Response<Paced> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
