//! Mutual TLS with the configured authority and nothing else.

use std::sync::Arc;

use reqwest::Url;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::config::{SetupError, UplinkConfig};

/// The provider is named here, so no process-wide default is needed and one that is installed does no harm.
pub(crate) fn client_config(config: &UplinkConfig) -> Result<ClientConfig, SetupError> {
    let mut roots = RootCertStore::empty();
    for authority in certificates("authority certificates", &config.ca_pem)? {
        roots.add(authority).map_err(SetupError::Authority)?;
    }
    let chain = certificates("client certificate", &config.client_cert_pem)?;
    let key = PrivateKeyDer::from_pem_slice(&config.client_key_pem)
        .map_err(|error| SetupError::Pem("client key", error))?;
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(SetupError::Versions)?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)
        .map_err(SetupError::ClientCertificate)
}

/// Connects, shakes hands and goes away. `None` when either fails.
pub(crate) async fn knock(url: &Url, config: ClientConfig) -> Option<()> {
    let host = url.host_str()?.trim_matches(['[', ']']);
    let name = ServerName::try_from(host.to_owned()).ok()?;
    let stream = TcpStream::connect((host, url.port_or_known_default()?))
        .await
        .ok()?;
    let mut stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .ok()?;
    let _ = stream.shutdown().await;
    Some(())
}

fn certificates(what: &'static str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, SetupError> {
    let found = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| SetupError::Pem(what, error))?;
    if found.is_empty() {
        Err(SetupError::NoCertificate(what))
    } else {
        Ok(found)
    }
}
