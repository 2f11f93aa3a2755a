//! What a card, a scanner, a vendor's library or the other end of the pipe may send, thrown at the code that reads it.
//!
//! This floor owns the targets: each takes any bytes, and asserts what must hold for all of them. `make fuzz` drives them with
//! libFuzzer, which learns from the code it reaches; every test run plays the committed corpora through the same targets.
//! A finding is kept as a file of its corpus. Nothing here names a person. Start reading at [`TARGETS`].

mod apdu;
mod atr;
mod bytes;
mod codes;
mod frames;
mod id_card;
mod keys;
mod names;
mod pipe;
mod tlv;
mod vendor;
mod voucher;

/// One thing that reads foreign bytes.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Also the name of its folder below `corpus`.
    pub name: &'static str,
    /// Panics when a promise is broken.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: [Target; 11] = [
    Target {
        name: "apdu",
        run: apdu::run,
    },
    Target {
        name: "tlv",
        run: tlv::run,
    },
    Target {
        name: "names",
        run: names::run,
    },
    Target {
        name: "frames",
        run: frames::run,
    },
    Target {
        name: "keys",
        run: keys::run,
    },
    Target {
        name: "codes",
        run: codes::run,
    },
    Target {
        name: "atr",
        run: atr::run,
    },
    Target {
        name: "pipe",
        run: pipe::run,
    },
    Target {
        name: "vendor",
        run: vendor::run,
    },
    Target {
        name: "id-card",
        run: id_card::run,
    },
    Target {
        name: "voucher",
        run: voucher::run,
    },
];

/// The target of this name.
#[must_use]
pub fn target(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}
