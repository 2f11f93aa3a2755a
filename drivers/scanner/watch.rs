//! Tells when a port appears or vanishes, where the system can: then nobody has to look again and again.

use std::path::Path;

#[cfg(target_os = "linux")]
mod system {
    use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

    use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};

    use super::Path;

    /// Watches one folder.
    #[derive(Debug)]
    pub(crate) struct Watch(OwnedFd);

    impl Watch {
        /// The folder of `port`, or the nearest one above it that exists. `None` when the system has no watch left.
        pub(crate) fn over(port: &Path) -> Option<Self> {
            let folder = port.ancestors().skip(1).find(|folder| folder.is_dir())?;
            let events = init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok()?;
            // Rights are given to a port after it was made.
            let wanted = WatchFlags::CREATE
                | WatchFlags::MOVED_TO
                | WatchFlags::ATTRIB
                | WatchFlags::DELETE
                | WatchFlags::MOVED_FROM;
            add_watch(&events, folder, wanted).ok()?;
            Some(Self(events))
        }

        /// Takes what was told; it only matters that something was.
        pub(crate) fn forget(&self) {
            let mut buffer = [0_u8; 4096];
            while rustix::io::read(&self.0, &mut buffer).is_ok_and(|length| length > 0) {}
        }
    }

    impl AsFd for Watch {
        fn as_fd(&self) -> BorrowedFd<'_> {
            self.0.as_fd()
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::Path;

    /// This system has none that fits; ports are tried again by time.
    #[derive(Debug)]
    pub(crate) enum Watch {}

    impl Watch {
        pub(crate) fn over(_: &Path) -> Option<Self> {
            None
        }

        #[cfg(unix)]
        pub(crate) fn forget(&self) {
            match *self {}
        }
    }

    #[cfg(unix)]
    impl std::os::fd::AsFd for Watch {
        fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
            match *self {}
        }
    }
}

pub(crate) use system::Watch;
