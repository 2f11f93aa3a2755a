//! Keys and signatures for outage calendars, as an insurance office would make them.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Subcommand;
use rcgen::PKCS_ED25519;
use ring::signature::{Ed25519KeyPair, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;

#[derive(Debug, Subcommand)]
pub(crate) enum OutagesCommand {
    /// Make an Ed25519 key and print its public half, as the agent's configuration wants it
    Keygen {
        /// File to write the private key into, PEM; it may not exist yet
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Write the signature of a calendar beside it, with .sig added to its name, and print where
    Sign {
        /// Private key, PEM
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// Calendar; signed as it is, byte for byte
        file: PathBuf,
    },
}

impl OutagesCommand {
    /// Carries it out; gives what is to be printed.
    pub(crate) fn run(&self) -> anyhow::Result<String> {
        match self {
            Self::Keygen { out } => keygen(out),
            Self::Sign { key, file } => sign(key, file),
        }
    }
}

fn keygen(out: &Path) -> anyhow::Result<String> {
    let pem = rcgen::KeyPair::generate_for(&PKCS_ED25519)?.serialize_pem();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let at = out.display();
    let mut file = options.open(out).with_context(|| format!("cannot make {at}"))?;
    file.write_all(pem.as_bytes())
        .with_context(|| format!("cannot write {at}"))?;
    Ok(hex::encode(read_key(out)?.public_key()))
}

fn sign(key: &Path, file: &Path) -> anyhow::Result<String> {
    let key = read_key(key)?;
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut beside = file.as_os_str().to_owned();
    beside.push(".sig");
    let beside = PathBuf::from(beside);
    let signature = format!("{}\n", hex::encode(key.sign(&bytes)));
    fs::write(&beside, signature).with_context(|| format!("cannot write {}", beside.display()))?;
    Ok(beside.display().to_string())
}

fn read_key(path: &Path) -> anyhow::Result<Ed25519KeyPair> {
    let at = path.display();
    let pem = fs::read(path).with_context(|| format!("cannot read {at}"))?;
    let key =
        PrivatePkcs8KeyDer::from_pem_slice(&pem).with_context(|| format!("{at} is no PEM private key"))?;
    match Ed25519KeyPair::from_pkcs8_maybe_unchecked(key.secret_pkcs8_der()) {
        Ok(key) => Ok(key),
        Err(rejected) => bail!("{at} is no Ed25519 key: {rejected}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{ED25519, UnparsedPublicKey};

    #[test]
    fn a_signature_belongs_to_the_printed_key_and_the_exact_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let (key, file) = (folder.path().join("key.pem"), folder.path().join("o.toml"));
        fs::write(&file, "issuer = \"x\"\n").unwrap();
        let public = hex::decode(keygen(&key).unwrap()).unwrap();
        assert!(keygen(&key).is_err(), "a key is not overwritten");
        let beside = sign(&key, &file).unwrap();
        let signature = hex::decode(fs::read_to_string(beside).unwrap().trim()).unwrap();
        let public = UnparsedPublicKey::new(&ED25519, public);
        assert!(public.verify(b"issuer = \"x\"\n", &signature).is_ok());
        assert!(public.verify(b"issuer = \"x\"", &signature).is_err());
    }
}
