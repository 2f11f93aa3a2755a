//! Sending one message.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use rustls::ClientConfig;
use tokio::time::Instant;
use tracing::debug;
use zhijie_model::{CallClass, Private};
use zhijie_wire::Message;

use crate::config::{HeaderFamily, SetupError, UplinkConfig};
use crate::delivery::{Delivery, NotSent, Silence};
use crate::headers::Headers;
use crate::skew::Skew;
use crate::token::Tokens;
use crate::{tls, trouble};

/// How long a connection may lie idle before it is given up; shorter than what gateways allow.
const IDLE: Duration = Duration::from_secs(15);
const IDLE_CONNECTIONS_MAX: usize = 4;

/// A client for one platform. Cheap to share behind an `Arc`; any number of calls may be under way.
#[derive(Debug)]
pub struct Uplink {
    base_url: String,
    headers: Headers,
    tokens: Option<Tokens>,
    skew: Skew,
    /// Calls that leave no doubt behind share connections.
    shared: Client,
    /// A call that moves money or changes filings gets a connection of its own, so that no closing of an idle connection by the far
    /// end can be mistaken for its fate.
    single: Client,
    tls: ClientConfig,
    connect_timeout: Duration,
    answer_bytes_max: usize,
}

/// How long one call may take and how much may come back.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    timeout: Duration,
    answer_bytes_max: usize,
}

impl Uplink {
    /// Opens no connection yet.
    ///
    /// # Errors
    /// When the URL, certificates or key are unusable; the agent's configuration is to blame.
    pub fn new(config: &UplinkConfig) -> Result<Self, SetupError> {
        let tls = tls::client_config(config)?;
        let client = |idle_connections_max: usize| {
            Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .https_only(true)
                .http1_only()
                .no_proxy()
                .redirect(Policy::none())
                .referer(false)
                .retry(reqwest::retry::never())
                .connect_timeout(config.connect_timeout)
                .pool_max_idle_per_host(idle_connections_max)
                .pool_idle_timeout(IDLE)
                .build()
                .map_err(SetupError::Client)
        };
        Ok(Self {
            base_url: base_url(&config.base_url)?,
            headers: Headers::new(config.header.clone(), config.content_type)?,
            tokens: match &config.header {
                HeaderFamily::Oauth(grant) => Some(Tokens::new(grant.clone())),
                HeaderFamily::None
                | HeaderFamily::Tif(_)
                | HeaderFamily::Ca { .. }
                | HeaderFamily::Csb { .. } => None,
            },
            skew: Skew::default(),
            shared: client(IDLE_CONNECTIONS_MAX)?,
            single: client(0)?,
            tls,
            connect_timeout: config.connect_timeout,
            answer_bytes_max: config.answer_bytes_max,
        })
    }

    /// Sends the message once and waits for the whole answer: at most the time to connect plus `timeout`, so that
    /// a slow connection is told from a slow answer. `now` goes into the gateway's header. A dropped future proves
    /// nothing: whoever drops it must take the outcome as unknown.
    ///
    /// Where the gateway wants a token, one is fetched before. A call that leaves no doubt behind and is turned away
    /// with it goes out once more, with a new token; a call that may move money never does.
    pub async fn send(
        &self,
        message: &Message,
        class: CallClass,
        timeout: Duration,
        now: Timestamp,
    ) -> Delivery {
        let bounds = Bounds {
            timeout,
            answer_bytes_max: self.answer_bytes_max,
        };
        self.deliver(message, class, bounds, now).await
    }

    /// As [`Uplink::send`], for a call that changes nothing and may be answered with a file of up to `file_bytes_max`.
    pub async fn fetch(
        &self,
        message: &Message,
        timeout: Duration,
        file_bytes_max: usize,
        now: Timestamp,
    ) -> Delivery {
        let bounds = Bounds {
            timeout,
            answer_bytes_max: file_bytes_max,
        };
        self.deliver(message, CallClass::Reads, bounds, now).await
    }

    async fn deliver(&self, message: &Message, class: CallClass, bounds: Bounds, now: Timestamp) -> Delivery {
        let Some(tokens) = &self.tokens else {
            return self.once(message, class, bounds, now, None).await;
        };
        let fetch = || tokens.get(&self.shared, &self.base_url, self.patience(bounds.timeout), now);
        let token = match fetch().await {
            Ok(token) => token,
            Err(none) => return Delivery::NotSent(NotSent::NoToken(none)),
        };
        let delivery = self.once(message, class, bounds, now, Some(&token)).await;
        if !matches!(delivery, Delivery::Answered { status: 401, .. }) {
            return delivery;
        }
        tokens.forget(&token).await;
        if class.leaves_doubt() {
            return delivery;
        }
        match fetch().await {
            Ok(token) => self.once(message, class, bounds, now, Some(&token)).await,
            Err(_) => delivery,
        }
    }

    async fn once(
        &self,
        message: &Message,
        class: CallClass,
        bounds: Bounds,
        now: Timestamp,
        token: Option<&Private>,
    ) -> Delivery {
        let exchange = self.exchange(message, class, bounds.answer_bytes_max, now, token);
        let delivery = tokio::time::timeout(self.patience(bounds.timeout), exchange)
            .await
            .unwrap_or(Delivery::Unknown(Silence::TimedOut));
        debug!(message_id = %message.message_id, number = message.number, ?delivery, "Call ended");
        delivery
    }

    const fn patience(&self, timeout: Duration) -> Duration {
        self.connect_timeout.saturating_add(timeout)
    }

    /// How far the far end's clock is ahead of this PC's, by its latest answer; `None` before the first.
    #[must_use]
    pub fn clock_offset(&self) -> Option<SignedDuration> {
        self.skew.latest()
    }

    /// Whether a connection with its handshake can be made now; nothing is said on it. At most the time to connect.
    pub async fn knock(&self) -> bool {
        let Ok(url) = Url::parse(&self.base_url) else {
            return false;
        };
        let knocked = tokio::time::timeout(self.connect_timeout, tls::knock(&url, self.tls.clone())).await;
        matches!(knocked, Ok(Some(())))
    }

    async fn exchange(
        &self,
        message: &Message,
        class: CallClass,
        answer_bytes_max: usize,
        now: Timestamp,
        token: Option<&Private>,
    ) -> Delivery {
        let Ok(url) = Url::parse(&format!("{}{}", self.base_url, message.path)) else {
            return Delivery::NotSent(NotSent::Request);
        };
        let client = match class {
            CallClass::Reads | CallClass::Prepares => &self.shared,
            CallClass::Files | CallClass::MovesStay | CallClass::MovesMoney => &self.single,
        };
        let request = client
            .post(url)
            .headers(self.headers.make(message, now, token))
            .body(message.body.clone());
        let began = Instant::now();
        match request.send().await {
            Ok(response) => {
                self.skew.measure(response.headers(), now, began.elapsed());
                take(response, answer_bytes_max).await
            }
            Err(error) => trouble::read(&error),
        }
    }
}

async fn take(mut response: Response, bytes_max: usize) -> Delivery {
    let status = response.status().as_u16();
    let content_type = response.headers().get(CONTENT_TYPE);
    let content_type = content_type
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > bytes_max => {
                return Delivery::Unknown(Silence::TooBig);
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => {
                return Delivery::Answered {
                    status,
                    content_type,
                    body,
                };
            }
            Err(error) => {
                return match trouble::read(&error) {
                    Delivery::Unknown(Silence::Closed | Silence::NotHttp) => {
                        Delivery::Unknown(Silence::Truncated)
                    }
                    // The head of an answer has come: the request left.
                    Delivery::NotSent(_) => Delivery::Unknown(Silence::Truncated),
                    other => other,
                };
            }
        }
    }
}

fn base_url(text: &str) -> Result<String, SetupError> {
    let url = Url::parse(text).map_err(|_| SetupError::BaseUrl)?;
    let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if url.scheme() != "https" || url.host_str().is_none() || !plain || url.password().is_some() {
        return Err(SetupError::BaseUrl);
    }
    Ok(text.trim_end_matches('/').to_owned())
}
