//! Both directions against another implementation: what one signs or encrypts the other accepts.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use sm2::dsa::Signature;
use zhijie_ports::{Mac as _, MacKind, PrivateKey as _, PublicKey as _, SignerFault};

use crate::{FileKey, KeyError, PlainPublicKey, STANDARD_USER_ID, SoftMac, sm3, sm4};

const TEXT: &[u8] = "{\"data\":{\"psn_name\":\"王秀英\"}}".as_bytes();

/// Runs the command in `dir` with these bytes as input; its output.
fn openssl(dir: &Path, args: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new("openssl")
        .args(args)
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("openssl is needed, see packaging/linux/prerequisites.sh");
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "openssl {args:?}: {said}");
    output.stdout
}

fn last_word(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    text.split_whitespace().last().unwrap_or_default().to_lowercase()
}

/// A folder with a fresh key `k.pem`, its public half `k.pub`, and the key encrypted as `e.pem`.
fn keys() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    openssl(
        dir.path(),
        &["genpkey", "-algorithm", "SM2", "-out", "k.pem"],
        b"",
    );
    openssl(
        dir.path(),
        &["pkey", "-in", "k.pem", "-pubout", "-out", "k.pub"],
        b"",
    );
    let encrypt = [
        "pkcs8",
        "-topk8",
        "-in",
        "k.pem",
        "-passout",
        "pass:geheim",
        "-out",
        "e.pem",
    ];
    openssl(dir.path(), &encrypt, b"");
    dir
}

fn read(dir: &Path, name: &str) -> String {
    std::fs::read_to_string(dir.join(name)).unwrap()
}

#[test]
fn keys_of_either_kind_are_read_and_have_one_public_half() {
    let dir = keys();
    let plain = FileKey::from_pem(&read(dir.path(), "k.pem"), None).unwrap();
    let encrypted = read(dir.path(), "e.pem");
    let opened = FileKey::from_pem(&encrypted, Some("geheim")).unwrap();
    assert_eq!(plain.public_pem().unwrap(), read(dir.path(), "k.pub"));
    assert_eq!(plain.public_pem(), opened.public_pem());
    assert!(!format!("{plain:?}").contains("BEGIN"));
    openssl(
        dir.path(),
        &["genpkey", "-algorithm", "RSA", "-out", "r.pem"],
        b"",
    );
    for (pem, password, error) in [
        (encrypted.as_str(), None, KeyError::PasswordMissing),
        (encrypted.as_str(), Some("falsch"), KeyError::PasswordWrong),
        (&read(dir.path(), "r.pem"), None, KeyError::NotSm2),
        (&read(dir.path(), "k.pub"), None, KeyError::NotPkcs8),
        ("", None, KeyError::NotPkcs8),
    ] {
        assert_eq!(FileKey::from_pem(pem, password).err(), Some(error));
    }
}

#[test]
fn signatures_are_good_in_both_directions() {
    let dir = keys();
    let key = FileKey::from_pem(&read(dir.path(), "k.pem"), None).unwrap();
    let public = PlainPublicKey::from_text(&read(dir.path(), "k.pub")).unwrap();
    std::fs::write(dir.path().join("text"), TEXT).unwrap();
    for user_id in [STANDARD_USER_ID, "channel-secret"] {
        let id = format!("distid:{user_id}");
        let theirs = openssl(
            dir.path(),
            &[
                "pkeyutl", "-sign", "-inkey", "k.pem", "-rawin", "-digest", "sm3", "-in", "text", "-pkeyopt",
                &id,
            ],
            b"",
        );
        let theirs = Signature::from_der(&theirs).unwrap().to_bytes();
        assert_eq!(public.verify(user_id, TEXT, &theirs), Ok(()));

        let ours = key.sign(user_id, TEXT).unwrap();
        assert_eq!(key.sign(user_id, TEXT), Ok(ours), "same text, same bytes");
        std::fs::write(
            dir.path().join("s.der"),
            Signature::from_slice(&ours).unwrap().to_der().as_bytes(),
        )
        .unwrap();
        openssl(
            dir.path(),
            &[
                "pkeyutl", "-verify", "-pubin", "-inkey", "k.pub", "-rawin", "-digest", "sm3", "-in", "text",
                "-sigfile", "s.der", "-pkeyopt", &id,
            ],
            b"",
        );
        let mut bent = ours;
        bent[40] ^= 1;
        for (id, text, signature) in [
            (user_id, TEXT, &bent[..]),
            (user_id, b"another".as_slice(), &ours[..]),
            ("another", TEXT, &ours[..]),
            (user_id, TEXT, &ours[..63]),
        ] {
            assert_eq!(
                public.verify(id, text, signature),
                Err(SignerFault::WrongSignature)
            );
        }
    }
}

#[test]
fn a_public_key_is_also_a_point() {
    let dir = keys();
    let key = FileKey::from_pem(&read(dir.path(), "k.pem"), None).unwrap();
    let der = openssl(
        dir.path(),
        &["pkey", "-pubin", "-in", "k.pub", "-outform", "DER"],
        b"",
    );
    let point = hex::encode(&der[der.len() - 65..]);
    let signature = key.sign(STANDARD_USER_ID, TEXT).unwrap();
    for text in [point.as_str(), &point[2..], &point.to_uppercase()] {
        let public = PlainPublicKey::from_text(text).unwrap();
        assert_eq!(public.verify(STANDARD_USER_ID, TEXT, &signature), Ok(()));
    }
    for text in [
        "",
        "04",
        &point[..128].replace('0', "x"),
        "-----BEGIN PUBLIC KEY-----",
    ] {
        assert_eq!(
            PlainPublicKey::from_text(text).err(),
            Some(KeyError::NotPublic),
            "{text}"
        );
    }
}

#[test]
fn digests_and_ciphers_agree() {
    let dir = tempfile::tempdir().unwrap();
    let theirs = openssl(dir.path(), &["dgst", "-sm3"], TEXT);
    assert_eq!(hex::encode(sm3(TEXT)), last_word(&theirs));
    for (name, kind) in [("-sm3", MacKind::HmacSm3), ("-sha1", MacKind::HmacSha1)] {
        let theirs = openssl(dir.path(), &["dgst", name, "-hmac", "geheim"], TEXT);
        assert_eq!(
            hex::encode(SoftMac.mac(kind, b"geheim", &[TEXT])),
            last_word(&theirs)
        );
    }
    let key = sm4::key_of("client-id-of-a-hospital").unwrap();
    let hex_key = hex::encode(key);
    let theirs = openssl(dir.path(), &["enc", "-sm4-ecb", "-K", &hex_key], TEXT);
    assert_eq!(sm4::encrypt(&key, TEXT), theirs);
    let back = openssl(
        dir.path(),
        &["enc", "-d", "-sm4-ecb", "-K", &hex_key],
        &sm4::encrypt(&key, TEXT),
    );
    assert_eq!(
        (back.as_slice(), sm4::decrypt(&key, &theirs).as_deref()),
        (TEXT, Ok(TEXT))
    );
}
