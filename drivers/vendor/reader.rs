//! One vendor library as a card reader.

use std::fmt;
use std::path::PathBuf;

use encoding_rs::GB18030;
use jiff::civil::Date;
use zhijie_model::Private;
use zhijie_ports::{
    BasicFields, CardKeys, CardReader, CardReading, DeviceFault, LibraryProblem, PinState, PinTask,
    VendorSource, vendor_fault,
};

use crate::functions::{Call, Functions, Interface, ReadError, Slot};

/// How to use a library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorSettings {
    pub library: PathBuf,
    pub interface: Interface,
    pub slot: Slot,
    /// Passed to the start function of a signed library.
    pub url: String,
    /// The same.
    pub user: String,
}

/// A library that hides its reader. Loaded at the first reading, on the thread that reads, and kept.
pub struct VendorReader {
    settings: VendorSettings,
    shown: String,
    loaded: Option<Functions>,
    answers: u32,
}

impl fmt::Debug for VendorReader {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "VendorReader({})", self.shown)
    }
}

impl VendorSettings {
    /// Name under which this library stands among the readers: its file's name.
    #[must_use]
    pub fn shown(&self) -> String {
        let name = self.library.file_name().unwrap_or(self.library.as_os_str());
        name.to_string_lossy().into_owned()
    }
}

impl VendorReader {
    /// Nothing is loaded yet.
    #[must_use]
    pub fn new(settings: VendorSettings) -> Self {
        Self {
            shown: settings.shown(),
            settings,
            loaded: None,
            answers: 0,
        }
    }

    fn functions(&mut self) -> Result<&Functions, LibraryProblem> {
        if self.loaded.is_none() {
            let functions = Functions::load(&self.settings.library, self.settings.interface)?;
            functions.start(&self.settings.url, &self.settings.user)?;
            self.loaded = Some(functions);
        }
        self.loaded.as_ref().ok_or(LibraryProblem::NotLoadable)
    }
}

impl CardReader for VendorReader {
    fn name(&self) -> &str {
        &self.shown
    }

    /// The library has its own way to keys.
    fn read_card(&mut self, today: Date, _keys: &mut dyn CardKeys) -> Result<CardReading, DeviceFault> {
        let slot = self.settings.slot;
        let functions = self
            .functions()
            .map_err(|problem| DeviceFault::VendorUnusable { problem })?;
        let call = functions.read(slot).map_err(|error| match error {
            ReadError::Overrun => DeviceFault::VendorOverran,
            ReadError::NoFunction => DeviceFault::VendorUnusable {
                problem: LibraryProblem::NoFunction,
            },
        })?;
        self.answers = self.answers.wrapping_add(1);
        reading(call, &self.shown, self.answers, today)
    }

    /// By the interface the library takes the PIN from its own key pad; that road is not built.
    fn pin(&mut self, _task: &PinTask) -> Result<PinState, DeviceFault> {
        Err(DeviceFault::VendorRefused {
            code: UNSUPPORTED,
            said: None,
        })
    }
}

/// The interface's "not supported".
const UNSUPPORTED: i32 = -13;

/// What the call came to.
fn reading(call: Call, reader: &str, answers: u32, today: Date) -> Result<CardReading, DeviceFault> {
    let text = GB18030.decode_without_bom_handling(&call.text).0;
    if let Some(fault) = vendor_fault(call.code, (!text.is_empty()).then(|| Private::new(text.as_ref()))) {
        return Err(fault);
    }
    let source = VendorSource {
        reader,
        line: Private::new(text),
        signature: signature(&call.signature)?,
    };
    let card = BasicFields::parse(&call.text)?.reading(source, answers)?;
    match card.valid_until.filter(|last| *last < today) {
        Some(valid_until) => Err(DeviceFault::CardExpired { valid_until }),
        None => Ok(card),
    }
}

/// Base64 by its alphabet alone: it is passed on, never looked into.
fn signature(bytes: &[u8]) -> Result<Option<Private>, DeviceFault> {
    let text: String = bytes.iter().copied().map(char::from).collect();
    let text = text.trim();
    let sound = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'\r' | b'\n'));
    if !sound {
        return Err(DeviceFault::VendorGarbled { field: 0 });
    }
    Ok((!text.is_empty()).then(|| Private::new(text)))
}

#[cfg(test)]
mod tests {
    use zhijie_ports::{ModuleLack, NoKeys};
    use zhijie_twin_vendor::{Play, TwinVendor};

    use super::*;
    use crate::voucher::{VoucherLibrary, VoucherSettings};

    const TODAY: Date = Date::constant(2026, 11, 22);

    fn settings(twin: &TwinVendor, interface: Interface) -> VendorSettings {
        VendorSettings {
            library: twin.library(),
            interface,
            slot: Slot::Auto,
            url: String::from("http://127.0.0.1"),
            user: String::from("desk"),
        }
    }

    /// All in one test: the library is one for the process, and so is what it plays.
    #[test]
    fn a_library_is_believed_in_nothing() {
        let twin = TwinVendor::in_this_process();
        let mut basic = VendorReader::new(settings(&twin, Interface::Basic));
        let card = basic.read_card(TODAY, &mut NoKeys).unwrap();
        assert_eq!(
            (card.name.reveal(), card.warnings.as_slice()),
            ("王秀兰", &[][..])
        );
        let part = card.vendor.unwrap();
        assert_eq!((part.terminal.as_str(), part.signature), ("000000000000", None));
        assert_eq!(part.line.reveal(), TwinVendor::LINE);

        for interface in [Interface::Signed, Interface::SignedGz] {
            let mut signed = VendorReader::new(settings(&twin, interface));
            let part = signed.read_card(TODAY, &mut NoKeys).unwrap().vendor.unwrap();
            assert_eq!(part.signature.unwrap().reveal(), TwinVendor::SIGNATURE);
        }

        let table = [
            (Play::Error(-2, "没有卡"), DeviceFault::NoCard),
            (
                Play::Error(-2201, "没有 PSAM 卡"),
                DeviceFault::SecurityModule {
                    lack: ModuleLack::Module,
                },
            ),
            (
                Play::Error(-27010, ""),
                DeviceFault::CardRefused { status: 0x6982 },
            ),
            (
                Play::Error(-13, "不支持"),
                DeviceFault::VendorRefused {
                    code: -13,
                    said: Some(Private::new("不支持")),
                },
            ),
            (Play::Overrun(1), DeviceFault::VendorOverran),
            (Play::Overrun(4_000), DeviceFault::VendorOverran),
            (Play::Underrun(3), DeviceFault::VendorOverran),
            (Play::Endless, DeviceFault::VendorOverran),
            (Play::Bytes("FFFFFF"), DeviceFault::VendorGarbled { field: 0 }),
            (Play::Answer("a|b|c"), DeviceFault::VendorGarbled { field: 0 }),
            (Play::Answer(""), DeviceFault::VendorGarbled { field: 0 }),
            (
                Play::Answer(&TwinVendor::LINE.replace("20991231", "20251231")),
                DeviceFault::CardExpired {
                    valid_until: Date::constant(2025, 12, 31),
                },
            ),
        ];
        for (play, fault) in table {
            twin.play(&play);
            assert_eq!(basic.read_card(TODAY, &mut NoKeys), Err(fault), "{play:?}");
        }
        twin.play(&Play::Good);
        assert!(basic.read_card(TODAY, &mut NoKeys).is_ok());

        let missing = VendorSettings {
            library: PathBuf::from("/nonexistent/libSSCardDriver.so"),
            ..settings(&twin, Interface::Basic)
        };
        let file = VendorSettings {
            library: std::env::current_exe().unwrap().with_extension("d"),
            ..settings(&twin, Interface::Basic)
        };
        for (settings, problem) in [
            (missing, LibraryProblem::Missing),
            (file, LibraryProblem::NotLoadable),
        ] {
            let read = VendorReader::new(settings).read_card(TODAY, &mut NoKeys);
            assert_eq!(read, Err(DeviceFault::VendorUnusable { problem }));
        }
        let mut voucher = VoucherLibrary::new(VoucherSettings {
            library: twin.library(),
            url: String::new(),
        });
        let request = Private::new("{\"orgId\":\"一\"}");
        let table = [
            (Play::Answer("{\"code\":0}"), Ok(Private::new("{\"code\":0}"))),
            (Play::Answer(""), Err(DeviceFault::VendorGarbled { field: 0 })),
            (
                Play::Bytes("FFFFFF"),
                Err(DeviceFault::VendorGarbled { field: 0 }),
            ),
            (Play::Error(-1, "取消"), Err(DeviceFault::TimedOut)),
            (
                Play::Error(7, "码已过期"),
                Err(DeviceFault::VendorRefused {
                    code: 7,
                    said: Some(Private::new("码已过期")),
                }),
            ),
            (Play::Overrun(1), Err(DeviceFault::VendorOverran)),
            (Play::Underrun(3), Err(DeviceFault::VendorOverran)),
            (Play::Endless, Err(DeviceFault::VendorOverran)),
        ];
        for (play, expected) in table {
            twin.play(&play);
            assert_eq!(voucher.ask(&request), expected, "{play:?}");
        }
        twin.play(&Play::Error(-12, "没有读卡器"));
        let not_started = VendorReader::new(settings(&twin, Interface::Signed)).read_card(TODAY, &mut NoKeys);
        assert_eq!(
            not_started,
            Err(DeviceFault::VendorUnusable {
                problem: LibraryProblem::NotStarted(-12)
            })
        );
    }
}
