//! Result and answer of a library that decodes e-vouchers, up to the person.

use std::sync::LazyLock;

use zhijie_ports::DeviceFault;
use zhijie_vendor::voucher_answer;
use zhijie_wire::{InquiryReply, Profile, read_voucher};

use crate::bytes::Bytes;

static PROFILE: LazyLock<Option<Profile>> =
    LazyLock::new(|| toml::from_str(include_str!("../config/provinces/sandbox.toml")).ok());

/// A length byte and so many of the result; the rest is the answer.
pub(crate) fn run(input: &[u8]) {
    let mut bytes = Bytes::new(input);
    let result: String = bytes.counted().iter().copied().map(char::from).collect();
    let text = match voucher_answer(&result, bytes.rest()) {
        Ok(text) => text,
        Err(fault) => {
            if let DeviceFault::VendorRefused { code, .. } = fault {
                assert!(code != 0, "zero is no refusal");
            }
            return;
        }
    };
    assert_eq!(result.trim().parse(), Ok(0), "only zeros are an answer");
    assert!(!text.reveal().trim().is_empty());
    let profile = PROFILE.as_ref();
    assert!(profile.is_some(), "the profile is read");
    let Some(profile) = profile else { return };
    let whole = match read_voucher(&text, profile) {
        Ok(InquiryReply::Voucher(voucher)) => !voucher.token.reveal().is_empty(),
        Ok(InquiryReply::Refused(refusal)) => !refusal.code.is_empty(),
        Ok(_) => false,
        Err(_) => true,
    };
    assert!(whole, "a voucher with a token, a refusal with a code, or nothing");
}
