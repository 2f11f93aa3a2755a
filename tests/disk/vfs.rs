//! The seam to SQLite: its own file system layer with four methods taken over. The only unsafe code of the tests.
#![expect(
    unsafe_code,
    reason = "SQLite takes its file system layer as a table of C functions"
)]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::slice;
use std::sync::OnceLock;

use rusqlite::ffi;

use super::image::Image;
use super::{Shared, Verdict, disk_of};

/// SQLite's own layer and ours over it; both live as long as the process.
struct Layers {
    base: *mut ffi::sqlite3_vfs,
    /// Where in an open file's memory our part begins.
    tail: usize,
}

// SAFETY: SQLite's layer is shared by all its threads; ours is a table that is never changed after `install`.
unsafe impl Send for Layers {}
// SAFETY: as above.
unsafe impl Sync for Layers {}

static LAYERS: OnceLock<Layers> = OnceLock::new();

/// What an open file of ours carries behind SQLite's own part.
struct Handle {
    base: *const ffi::sqlite3_io_methods,
    methods: ffi::sqlite3_io_methods,
    disk: Shared,
    path: PathBuf,
}

/// Makes the layer the one SQLite opens files through, once per process.
pub(super) fn install() {
    // SAFETY: the calls are those SQLite documents for registering a layer; the copy is leaked, so it stays valid.
    LAYERS.get_or_init(|| unsafe {
        assert_eq!(ffi::sqlite3_initialize(), ffi::SQLITE_OK);
        let base = ffi::sqlite3_vfs_find(std::ptr::null());
        let tail = usize::try_from((*base).szOsFile)
            .unwrap()
            .next_multiple_of(align_of::<*mut Handle>());
        let mut ours = *base;
        ours.szOsFile = c_int::try_from(tail + size_of::<*mut Handle>()).unwrap();
        ours.zName = c"zhijie-forgetful".as_ptr();
        ours.pNext = std::ptr::null_mut();
        ours.xOpen = Some(open);
        ours.xDelete = Some(delete);
        let ours = Box::leak(Box::new(ours));
        assert_eq!(ffi::sqlite3_vfs_register(ours, 1), ffi::SQLITE_OK);
        Layers { base, tail }
    });
}

fn layers() -> &'static Layers {
    LAYERS.get().unwrap()
}

/// # Safety
/// `file` is an open file of this layer.
unsafe fn slot(file: *mut ffi::sqlite3_file) -> *mut *mut Handle {
    // SAFETY: SQLite gives every file `szOsFile` bytes, which `install` made large enough for the slot.
    unsafe { file.cast::<u8>().add(layers().tail).cast() }
}

/// # Safety
/// `file` is an open file with our methods.
unsafe fn handle<'a>(file: *mut ffi::sqlite3_file) -> &'a mut Handle {
    // SAFETY: `open` put a handle there before it gave the file our methods.
    unsafe { &mut **slot(file) }
}

/// # Safety
/// `name` is null or a C string.
unsafe fn path_of(name: *const c_char) -> Option<PathBuf> {
    if name.is_null() {
        return None;
    }
    // SAFETY: the caller's promise.
    let bytes = unsafe { CStr::from_ptr(name) }.to_bytes();
    Some(Path::new(std::ffi::OsStr::from_bytes(bytes)).to_owned())
}

unsafe extern "C" fn open(
    _vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    let base = layers().base;
    // SAFETY: the arguments are SQLite's own, passed on to its own layer.
    unsafe {
        let before = path_of(name).and_then(|path| std::fs::read(path).ok());
        let code = ((*base).xOpen.unwrap())(base, name, file, flags, out);
        if code != ffi::SQLITE_OK {
            return code;
        }
        let found = path_of(name).and_then(|path| Some((disk_of(&path)?, path)));
        let Some((disk, path)) = found else { return code };
        let known = disk.lock().unwrap().files.contains_key(&path);
        if !known {
            disk.lock()
                .unwrap()
                .files
                .insert(path.clone(), Image::flushed(before));
        }
        let own = (*file).pMethods;
        let mut methods = *own;
        methods.xClose = Some(close);
        methods.xWrite = Some(write);
        methods.xTruncate = Some(truncate);
        methods.xSync = Some(sync);
        let handle = Box::into_raw(Box::new(Handle {
            base: own,
            methods,
            disk,
            path,
        }));
        *slot(file) = handle;
        (*file).pMethods = &raw const (*handle).methods;
        code
    }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: the file is open and ours; after the base closed it nobody uses the handle any more.
    unsafe {
        let handle = Box::from_raw(*slot(file));
        ((*handle.base).xClose.unwrap())(file)
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    length: c_int,
    at: i64,
) -> c_int {
    // SAFETY: the file is open and ours; `from` holds `length` bytes.
    unsafe {
        let handle = handle(file);
        let mut disk = handle.disk.lock().unwrap();
        let (code, length) = match disk.next() {
            Verdict::Does => (ffi::SQLITE_OK, length),
            Verdict::Half => (ffi::SQLITE_IOERR_WRITE, length / 2),
            Verdict::Fails => return ffi::SQLITE_IOERR_WRITE,
            Verdict::Full => return ffi::SQLITE_FULL,
        };
        let bytes = slice::from_raw_parts(from.cast::<u8>(), usize::try_from(length).unwrap());
        let image = disk.files.get_mut(&handle.path).unwrap();
        image.write(usize::try_from(at).unwrap(), bytes);
        let wrote = ((*handle.base).xWrite.unwrap())(file, from, length, at);
        if code == ffi::SQLITE_OK { wrote } else { code }
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    // SAFETY: the file is open and ours.
    unsafe {
        let handle = handle(file);
        let mut disk = handle.disk.lock().unwrap();
        if disk.next() != Verdict::Does {
            return ffi::SQLITE_IOERR_TRUNCATE;
        }
        let image = disk.files.get_mut(&handle.path).unwrap();
        image.truncate(usize::try_from(size).unwrap());
        ((*handle.base).xTruncate.unwrap())(file, size)
    }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: the file is open and ours.
    let handle = unsafe { handle(file) };
    let mut disk = handle.disk.lock().unwrap();
    if disk.next() != Verdict::Does {
        return ffi::SQLITE_IOERR_FSYNC;
    }
    disk.flush(&handle.path);
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(_vfs: *mut ffi::sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    let base = layers().base;
    // SAFETY: the arguments are SQLite's own, passed on to its own layer.
    unsafe {
        let found = path_of(name).and_then(|path| Some((disk_of(&path)?, path)));
        if let Some((disk, path)) = found {
            let mut disk = disk.lock().unwrap();
            if disk.next() != Verdict::Does {
                return ffi::SQLITE_IOERR_DELETE;
            }
            if let Some(image) = disk.files.get_mut(&path) {
                image.delete(sync_folder != 0);
            }
        }
        ((*base).xDelete.unwrap())(base, name, sync_folder)
    }
}
