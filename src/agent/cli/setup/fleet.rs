//! The file for many desks: read whole or not at all, for it decides where patients' data goes.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::path::Path;

use anyhow::{Context as _, bail, ensure};

use super::answers::Answers;

/// Tens of thousands of desks fit.
const FILE_BYTES_MAX: u64 = 1_048_576;

/// What the file answers.
///
/// # Errors
/// Says what is wrong with it, with line and key where there are any; nothing of it holds.
pub(super) fn answers(path: &Path) -> anyhow::Result<Answers> {
    let text = read(path).with_context(|| format!("无法使用文件 cannot use {}", path.display()))?;
    let answers: Answers =
        toml::from_str(&text).with_context(|| format!("文件有误 the file is wrong: {}", path.display()))?;
    answers
        .slots_are_apart()
        .with_context(|| format!("文件有误 the file is wrong: {}", path.display()))?;
    Ok(answers)
}

fn read(path: &Path) -> anyhow::Result<String> {
    let file = open(path)?;
    // Of what was opened, not of what bears the name by now.
    let found = file.metadata()?;
    ensure!(found.is_file(), "不是普通文件 it is no ordinary file");
    may_be_believed(&found)?;
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX.saturating_add(1))
        .read_to_end(&mut bytes)?;
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    ensure!(
        length <= FILE_BYTES_MAX,
        "文件过大 it is longer than {FILE_BYTES_MAX} bytes"
    );
    let Ok(text) = String::from_utf8(bytes) else {
        bail!("请存为 UTF-8 编码 it is no UTF-8: save it as UTF-8");
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let strange = |line: &str| line.chars().any(|letter| letter.is_control() && letter != '\t');
    if let Some(line) = text.lines().position(strange) {
        bail!(
            "第 {0} 行有控制字符 line {0} has a control character",
            line.saturating_add(1)
        );
    }
    Ok(String::from(text))
}

/// Without waiting: opening a pipe that nobody writes to never ends otherwise.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    File::options()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// A file that everybody at this PC may change could send patients' data anywhere.
#[cfg(unix)]
fn may_be_believed(found: &Metadata) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    ensure!(
        found.permissions().mode() & 0o002 == 0,
        "任何人都能改写该文件，请先 chmod o-w  everybody may change it: chmod o-w first"
    );
    Ok(())
}

/// Who may change a file is the matter of its folder there.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
const fn may_be_believed(_: &Metadata) -> anyhow::Result<()> {
    Ok(())
}
