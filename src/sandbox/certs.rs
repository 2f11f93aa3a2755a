//! Certificates for one run: an authority, a server for loopback, a client.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use ring::rand::{SecureRandom, SystemRandom};
use thiserror::Error;
use zhijie_signer::{FileKey, KeyError};

/// Why the certificates were not made.
#[derive(Debug, Error)]
pub enum CertsError {
    #[error("{} exists already and is not overwritten", .0.display())]
    Exists(PathBuf),
    #[error("cannot write {}", path.display())]
    Write {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("cannot make a certificate")]
    Make(#[from] rcgen::Error),
    #[error("a signing key")]
    Key(#[from] KeyError),
    #[error("the system has no random numbers")]
    NoRandom,
}

const FILES: [&str; 9] = [
    "ca.pem",
    "server.pem",
    "server.key",
    "client.pem",
    "client.key",
    "sm2-client.key",
    "sm2-client.pub",
    "sm2-platform.key",
    "sm2-platform.pub",
];

/// Writes `ca.pem`, `server.pem`, `server.key`, `client.pem` and `client.key` into `dir`, which is made if need be, and a
/// pair of SM2 keys each for hospital and platform, `sm2-client` and `sm2-platform`, for provinces that sign messages.
/// The server's are for 127.0.0.1 and localhost; keys are readable by the owner alone. The authority's key is not kept.
///
/// # Errors
/// When one of the files exists already (then nothing is written), or cannot be written.
pub fn make(dir: &Path) -> Result<(), CertsError> {
    if let Some(present) = FILES.iter().map(|name| dir.join(name)).find(|path| path.exists()) {
        return Err(CertsError::Exists(present));
    }
    fs::create_dir_all(dir).map_err(|source| CertsError::Write {
        path: dir.to_path_buf(),
        source,
    })?;
    let authority_key = KeyPair::generate()?;
    let mut params = named("Sandbox province CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority = params.self_signed(&authority_key)?;
    let issuer = Issuer::new(params, authority_key);
    write(dir, "ca.pem", &authority.pem())?;

    let mut server = named("Sandbox province");
    server.subject_alt_names = vec![
        SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        SanType::DnsName("localhost".try_into()?),
    ];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    signed(dir, "server", &mut server, &issuer)?;

    let mut client = named("Sandbox hospital");
    client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    signed(dir, "client", &mut client, &issuer)?;
    pair(dir, "sm2-client")?;
    pair(dir, "sm2-platform")
}

/// A pair of SM2 keys.
fn pair(dir: &Path, name: &str) -> Result<(), CertsError> {
    let random = SystemRandom::new();
    let mut scalar = [0; 32];
    let key = loop {
        random.fill(&mut scalar).map_err(|_| CertsError::NoRandom)?;
        // All but a few of the numbers are keys.
        if let Ok(key) = FileKey::from_scalar(&scalar) {
            break key;
        }
    };
    write(dir, &format!("{name}.key"), &key.pem()?)?;
    write(dir, &format!("{name}.pub"), &key.public_pem()?)
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn signed(
    dir: &Path,
    name: &str,
    params: &mut CertificateParams,
    issuer: &Issuer<'_, KeyPair>,
) -> Result<(), CertsError> {
    let key = KeyPair::generate()?;
    params.use_authority_key_identifier_extension = true;
    let certificate = params.signed_by(&key, issuer)?;
    write(dir, &format!("{name}.key"), &key.serialize_pem())?;
    write(dir, &format!("{name}.pem"), &certificate.pem())
}

fn write(dir: &Path, name: &str, text: &str) -> Result<(), CertsError> {
    let path = dir.join(name);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if name.ends_with(".key") {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    options
        .open(&path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|source| CertsError::Write { path, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_made_once() {
        let dir = tempfile::tempdir().unwrap();
        make(dir.path()).unwrap();
        let before = fs::read(dir.path().join("server.key")).unwrap();
        assert!(matches!(make(dir.path()), Err(CertsError::Exists(_))));
        assert_eq!(fs::read(dir.path().join("server.key")).unwrap(), before);
    }
}
