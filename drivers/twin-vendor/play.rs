//! What the library is to do next.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// One way to behave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Play<'a> {
    /// The invented person of [`TwinVendor::LINE`].
    Good,
    /// Another line.
    Answer(&'a str),
    /// Raw bytes in hex.
    Bytes(&'a str),
    /// A result number with its text.
    Error(i32, &'a str),
    /// So many bytes are written behind the buffer.
    Overrun(usize),
    /// So many bytes are written before the buffer.
    Underrun(usize),
    /// The buffer is filled to its last byte, without a closing zero.
    Endless,
    /// Answers with [`TwinVendor::LINE`] where the system refuses it a socket to the network, and with an error where it
    /// does not.
    Dial,
    /// Never comes back.
    Hang,
    Crash,
    /// Starts a program that keeps the pipes of its process open, and crashes.
    Fork,
    /// No card lies there; for a resident ID reader.
    Empty,
    /// The card leaves when it is selected; for a resident ID reader.
    Pulled,
    /// Takes the serial port for itself, waits for a code and asks the decode service; for an e-voucher library.
    Scan(&'a Path),
}

/// The library and the file that tells it what to do.
#[derive(Debug)]
pub struct TwinVendor {
    folder: TempDir,
}

impl TwinVendor {
    /// Names the file to the library.
    pub const VARIABLE: &'static str = "ZHIJIE_TWIN_VENDOR";
    pub const LINE: &'static str = "341200|34120019680214002X|K12345677|341200D15600000500004711FFFFFFFF|王秀兰|00815300018660341200004711|2.00|20200101|20991231|000000000000||";
    pub const SIGNATURE: &'static str = "MEUCIQDzaGlqaWUgdHdpbiBzaWduYXR1cmU=";

    /// Behaves well until told otherwise.
    ///
    /// # Panics
    /// No temporary folder can be made.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a kit for tests")]
    pub fn new() -> Self {
        let twin = Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        };
        twin.play(&Play::Good);
        twin
    }

    /// For the one test of a process that loads the library itself.
    ///
    /// # Panics
    /// As [`TwinVendor::new`].
    #[must_use]
    #[expect(unsafe_code, reason = "the library reads its environment")]
    pub fn in_this_process() -> Self {
        let twin = Self::new();
        // SAFETY: called by the only test of its program, before any other thread looks at the environment.
        unsafe { std::env::set_var(Self::VARIABLE, twin.script()) };
        twin
    }

    /// The shared library; it lies beside the test programs.
    ///
    /// # Panics
    /// This program has no place.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a kit for tests")]
    pub fn library(&self) -> PathBuf {
        let program = std::env::current_exe().expect("this program has a place");
        let name = format!(
            "{}zhijie_twin_vendor{}",
            std::env::consts::DLL_PREFIX,
            std::env::consts::DLL_SUFFIX
        );
        let folders = program.ancestors().skip(1).take(2);
        let places = folders.flat_map(|folder| [folder.join("deps").join(&name), folder.join(&name)]);
        places
            .into_iter()
            .find(|place| place.is_file())
            .unwrap_or_else(|| PathBuf::from(name))
    }

    /// What [`TwinVendor::VARIABLE`] is to be set to.
    #[must_use]
    pub fn script(&self) -> PathBuf {
        self.folder.path().join("play")
    }

    /// From the next call on.
    ///
    /// # Panics
    /// The file cannot be written.
    #[expect(clippy::expect_used, reason = "a kit for tests")]
    pub fn play(&self, play: &Play<'_>) {
        std::fs::write(self.script(), play.line()).expect("the script can be written");
    }
}

impl Default for TwinVendor {
    fn default() -> Self {
        Self::new()
    }
}

impl Play<'_> {
    fn line(&self) -> String {
        match self {
            Self::Good => String::from("good"),
            Self::Answer(line) => format!("answer {line}"),
            Self::Bytes(hex) => format!("bytes {hex}"),
            Self::Error(code, text) => format!("error {code} {text}"),
            Self::Overrun(bytes) => format!("overrun {bytes}"),
            Self::Underrun(bytes) => format!("underrun {bytes}"),
            Self::Endless => String::from("endless"),
            Self::Dial => String::from("dial"),
            Self::Hang => String::from("hang"),
            Self::Crash => String::from("crash"),
            Self::Fork => String::from("fork"),
            Self::Empty => String::from("empty"),
            Self::Pulled => String::from("pulled"),
            Self::Scan(port) => format!("scan {}", port.display()),
        }
    }

    /// The words of a script: what to do, and with what.
    pub(crate) fn words(script: &Path) -> (String, String) {
        let text = std::fs::read_to_string(script).unwrap_or_else(|_| String::from("good"));
        let (word, rest) = text.split_once(' ').unwrap_or((&text, ""));
        (String::from(word), String::from(rest))
    }
}
