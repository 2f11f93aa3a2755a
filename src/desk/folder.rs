//! Tells when something in the socket's folder comes or goes, where the system can: then nobody has to look every second.

use std::path::Path;

#[cfg(target_os = "linux")]
mod system {
    use std::os::fd::OwnedFd;

    use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};
    use tokio::io::unix::AsyncFd;

    use super::Path;

    /// Watches one folder.
    #[derive(Debug)]
    pub(crate) struct Folder(AsyncFd<OwnedFd>);

    impl Folder {
        /// `None` when the system has no watch left or the folder is not there.
        #[expect(
            deprecated,
            reason = "its successor is unsafe; what it asks for holds: an own file, kept open as long as it is registered"
        )]
        pub(crate) fn watch(folder: &Path) -> Option<Self> {
            let events = init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok()?;
            let wanted = WatchFlags::CREATE
                | WatchFlags::MOVED_TO
                | WatchFlags::MOVED_FROM
                | WatchFlags::DELETE
                | WatchFlags::DELETE_SELF
                | WatchFlags::MOVE_SELF;
            add_watch(&events, folder, wanted).ok()?;
            AsyncFd::new(events).ok().map(Self)
        }

        /// Comes back when something came or went. May be dropped at any time.
        pub(crate) async fn changed(&self) {
            let Ok(mut ready) = self.0.readable().await else {
                return core::future::pending().await;
            };
            let mut buffer = [0_u8; 4096];
            while rustix::io::read(&self.0, &mut buffer).is_ok_and(|length| length > 0) {}
            ready.clear_ready();
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::Path;

    /// This system has none that fits.
    #[derive(Debug)]
    pub(crate) enum Folder {}

    impl Folder {
        pub(crate) fn watch(_: &Path) -> Option<Self> {
            None
        }

        pub(crate) async fn changed(&self) {
            match *self {}
        }
    }
}

pub(crate) use system::Folder;

/// Never comes back without a watch.
pub(crate) async fn changed(folder: Option<&Folder>) {
    match folder {
        Some(folder) => folder.changed().await,
        None => core::future::pending().await,
    }
}
