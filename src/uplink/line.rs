//! A service beside the platform that is asked with one line of text and answers with one.

use core::fmt;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use zhijie_model::Private;

use crate::config::{SetupError, UplinkConfig};
use crate::tls;

/// Longest answer that is read.
const ANSWER_BYTES_MAX: usize = 4_096;

/// What came of a question. There is no doubt to clear up: nothing is changed by one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineAnswer {
    Line(Private),
    /// Another status than success, with the service's words.
    Refused(Private),
    /// Nobody there, no answer in time, or one that is too long or no text.
    Nothing,
}

/// A client for one such service.
pub struct LineService {
    client: Client,
    url: Url,
}

impl fmt::Debug for LineService {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "LineService({})", self.url)
    }
}

impl LineService {
    /// With the platform's authority and our certificate. `within` is what one question may take, connection included.
    ///
    /// # Errors
    /// When the URL, certificates or key are unusable.
    pub fn new(config: &UplinkConfig, url: &str, within: Duration) -> Result<Self, SetupError> {
        let url = Url::parse(url).map_err(|_| SetupError::BaseUrl)?;
        if url.scheme() != "https" {
            return Err(SetupError::BaseUrl);
        }
        let client = Client::builder()
            .tls_backend_preconfigured(tls::client_config(config)?)
            .https_only(true)
            .http1_only()
            .no_proxy()
            .redirect(Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .timeout(within)
            .build()
            .map_err(SetupError::Client)?;
        Ok(Self { client, url })
    }

    /// Asks once.
    pub async fn ask(&self, line: &Private) -> LineAnswer {
        let asked = self
            .client
            .post(self.url.clone())
            .header(
                CONTENT_TYPE,
                HeaderValue::from_static("text/plain; charset=utf-8"),
            )
            .body(String::from(line.reveal()))
            .send()
            .await;
        let Ok(mut response) = asked else {
            return LineAnswer::Nothing;
        };
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= ANSWER_BYTES_MAX => {
                    body.extend_from_slice(&chunk);
                }
                Ok(None) => break,
                Ok(Some(_)) | Err(_) => return LineAnswer::Nothing,
            }
        }
        match String::from_utf8(body) {
            Ok(text) if response.status().is_success() => LineAnswer::Line(Private::new(text)),
            Ok(text) => LineAnswer::Refused(Private::new(text)),
            Err(_) => LineAnswer::Nothing,
        }
    }
}
