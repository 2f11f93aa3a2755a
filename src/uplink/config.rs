//! What an uplink is made of.

use core::fmt;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use zhijie_model::Private;
use zhijie_ports::Mac;
use zhijie_wire::ContentType;

/// Everything an uplink needs. Certificates and keys are PEM text already read from wherever they are kept.
#[derive(Clone)]
pub struct UplinkConfig {
    /// `https://host[:port]`, optionally with a path in front of every message's own.
    pub base_url: String,
    /// Authorities that may have signed the platform's certificate; no other is trusted.
    pub ca_pem: Vec<u8>,
    /// The institution's certificate with its chain.
    pub client_cert_pem: Vec<u8>,
    /// Its private key: PKCS#8, PKCS#1 or SEC1.
    pub client_key_pem: Vec<u8>,
    pub header: HeaderFamily,
    pub content_type: ContentType,
    /// For name lookup, connection and handshake together.
    pub connect_timeout: Duration,
    /// An answer longer than this is not read to its end.
    pub answer_bytes_max: usize,
}

/// How the gateway knows us, with its secrets.
#[derive(Debug, Clone)]
pub enum HeaderFamily {
    None,
    /// `x-tif-*`, or the same under another prefix.
    Tif(Tif),
    /// `x-ca-*`.
    Ca {
        key: String,
        secret: Private,
        upper_hex: bool,
        mac: Arc<dyn Mac>,
    },
    /// `_api_*`.
    Csb {
        key: String,
        secret: Private,
        version: String,
        mac: Arc<dyn Mac>,
    },
    /// A token in every request.
    Oauth(Grant),
}

/// Time, nonce and a digest over both with a secret.
#[derive(Debug, Clone)]
pub struct Tif {
    /// `x-tif` or `x-rio`.
    pub prefix: &'static str,
    /// Application id given by the gateway.
    pub paasid: String,
    pub secret: Private,
    pub upper_hex: bool,
}

/// What a token is fetched with.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Path below the base URL.
    pub path: String,
    pub client: String,
    pub secret: Private,
    pub user: Private,
    pub password: Private,
    pub scope: String,
    pub grant: String,
    /// A token is used for at most so long.
    pub life: Duration,
}

/// Why no uplink could be made. The link to blame is the agent: its configuration.
#[derive(Debug, Error)]
pub enum SetupError {
    #[error("base URL must be https with a host and without query or credentials")]
    BaseUrl,
    #[error("no certificate found in {0}")]
    NoCertificate(&'static str),
    #[error("{0} is not readable PEM")]
    Pem(&'static str, #[source] rustls::pki_types::pem::Error),
    #[error("authority certificate is not usable")]
    Authority(#[source] rustls::Error),
    #[error("client certificate and key are not usable together")]
    ClientCertificate(#[source] rustls::Error),
    #[error("no TLS version is available")]
    Versions(#[source] rustls::Error),
    #[error("gateway application id is not a header value")]
    ApplicationId,
    #[error("http client cannot be made")]
    Client(#[source] reqwest::Error),
}

impl fmt::Debug for UplinkConfig {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("UplinkConfig")
            .field("base_url", &self.base_url)
            .field("header", &self.header)
            .field("connect_timeout", &self.connect_timeout)
            .field("answer_bytes_max", &self.answer_bytes_max)
            .finish_non_exhaustive()
    }
}
