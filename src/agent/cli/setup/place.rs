//! Puts a text in the place of a file, whole or not at all, whatever ends this process; the file that was there is kept.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// So many older configurations may lie beside the one that holds.
const KEPT_MAX: u32 = 10_000;

/// Gives where the file that was there is kept; it stays in its place until the new one takes it, in one step.
///
/// # Errors
/// What the system says; the file that was there is there still.
pub(super) fn place(path: &Path, text: &str) -> io::Result<Option<PathBuf>> {
    let fresh = path.with_extension(format!("toml.new-{}", std::process::id()));
    let placed = write(&fresh, path, text).and_then(|()| {
        let kept = keep(path)?;
        fs::rename(&fresh, path)?;
        Ok(kept)
    });
    if placed.is_err() {
        // Nothing lies there where even that could not be made.
        let _ = fs::remove_file(&fresh);
    }
    let kept = placed?;
    sync_folder(path)?;
    Ok(kept)
}

/// On disk when this returns. No other process writes to a file of this name: the number of ours is in it.
fn write(fresh: &Path, path: &Path, text: &str) -> io::Result<()> {
    match fs::remove_file(fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(fresh)?;
    file.write_all(text.as_bytes())?;
    open_like(&file, path)?;
    file.sync_all()
}

/// Whoever could read the file that was there can read this one: the service is not the administrator.
#[cfg(unix)]
fn open_like(file: &File, before: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let Ok(before) = fs::metadata(before) else {
        return Ok(());
    };
    // Whoever is not the administrator may give it to groups of their own alone, and then reads it with them.
    let _ = fchown(file, Some(before.uid()), Some(before.gid()));
    file.set_permissions(before.permissions())
}

/// The folder decides.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
const fn open_like(_: &File, _: &Path) -> io::Result<()> {
    Ok(())
}

fn keep(path: &Path) -> io::Result<Option<PathBuf>> {
    for number in 1..=KEPT_MAX {
        let kept = path.with_extension(format!("toml.before-{number}"));
        match fs::hard_link(path, &kept) {
            Ok(()) => return Ok(Some(kept)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            // Not every file system has a second name for one file.
            Err(_) => match copy(path, &kept) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                copied => return copied.map(|()| Some(kept)),
            },
        }
    }
    Err(io::Error::from(io::ErrorKind::AlreadyExists))
}

fn copy(path: &Path, kept: &Path) -> io::Result<()> {
    let mut from = File::open(path)?;
    let mut to = OpenOptions::new().write(true).create_new(true).open(kept)?;
    let copied = io::copy(&mut from, &mut to)
        .and_then(|_| open_like(&to, path))
        .and_then(|()| to.sync_all());
    if copied.is_err() {
        let _ = fs::remove_file(kept);
    }
    copied
}

/// The new name is on disk too.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()
}

/// The system does not tell its folders apart from their files.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
const fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let found = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = found
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn each_one_that_was_there_is_kept_under_a_number_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.toml");
        assert_eq!(place(&path, "1").unwrap(), None);
        for (text, kept) in [("2", "agent.toml.before-1"), ("3", "agent.toml.before-2")] {
            let before = fs::read_to_string(&path).unwrap();
            assert_eq!(place(&path, text).unwrap(), Some(folder.path().join(kept)));
            assert_eq!(fs::read_to_string(folder.path().join(kept)).unwrap(), before);
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(
            names(folder.path()),
            ["agent.toml", "agent.toml.before-1", "agent.toml.before-2"]
        );
    }

    #[test]
    fn what_cannot_be_replaced_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.toml");
        fs::create_dir(&path).unwrap();
        assert!(place(&path, "1").is_err());
        assert!(place(&folder.path().join("no/agent.toml"), "1").is_err());
        assert_eq!(names(folder.path()), ["agent.toml"]);
    }

    #[cfg(unix)]
    #[test]
    fn whoever_could_read_it_can_read_it_still_and_nobody_else() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.toml");
        place(&path, "1").unwrap();
        for mode in [0o640, 0o600, 0o664] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            place(&path, "2").unwrap();
            let now = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(now & 0o7777, mode, "{now:o}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_through_a_link_laid_in_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("agent.toml"), folder.path().join("other"));
        fs::write(&other, "mine").unwrap();
        let fresh = path.with_extension(format!("toml.new-{}", std::process::id()));
        std::os::unix::fs::symlink(&other, &fresh).unwrap();
        place(&path, "1").unwrap();
        assert_eq!(fs::read_to_string(&other).unwrap(), "mine");
        assert_eq!(names(folder.path()), ["agent.toml", "other"]);
    }
}
