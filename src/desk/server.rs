//! The Unix socket: made safely, found stale safely, closed cleanly.

use std::fs::{DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener as StdListener, UnixStream as StdStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix::unistd::Group;
use tokio::net::{UnixListener, UnixStream};
use tokio::time::{Duration, Instant, sleep, sleep_until};

use crate::api::Hello;
use crate::connection::{Handler, Limits, full_line};
use crate::folder::{Folder, changed};
use crate::peer::PeerId;
use crate::seats::Full;
use crate::serving::{ServerError, Serving};

/// Owner and group may connect, nobody else.
const SOCKET_MODE: u32 = 0o660;
/// How often the server looks whether its file is still there, where the system does not tell and while it is not.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The same where the system tells: a second net.
const LOOK_SELDOM: Duration = Duration::from_secs(300);

/// A socket that listens. Its file goes when the server goes.
#[derive(Debug)]
pub struct Server {
    listener: UnixListener,
    file: SocketFile,
    group: Option<String>,
    limits: Limits,
}

impl Server {
    /// Whether [`Server::bind`] could use `path`: nobody listens there, nothing else lies there, and the folder is
    /// there. Makes nothing.
    ///
    /// # Errors
    /// [`ServerError`].
    pub fn check(path: &Path) -> Result<(), ServerError> {
        refuse_if_alive(path)?;
        std::fs::metadata(folder_of(path))
            .map(drop)
            .map_err(|source| ServerError::Bind {
                path: PathBuf::from(path),
                source,
            })
    }

    /// Listens on `path` with mode 0660, owned by `group` where there is such a group. A file left behind by a dead
    /// agent is replaced; one that somebody listens on is not. Must run inside a tokio runtime; blocks for a moment.
    ///
    /// # Errors
    /// [`ServerError`]; nothing that was there before is damaged.
    pub fn bind(path: &Path, group: Option<&str>) -> Result<Self, ServerError> {
        let (listener, identity) = listen(path, group)?;
        let path = PathBuf::from(path);
        Ok(Self {
            listener,
            file: SocketFile { path, identity },
            group: group.map(String::from),
            limits: Limits::DEFAULT,
        })
    }

    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.file.path
    }

    /// Serves until `stop` is ready; then takes no more requests, lets running calls end (for at most the drain
    /// timeout) and returns. When the socket's file is deleted or another is put in its place, it is made again
    /// within seconds, unless somebody else listens there by then; connections that stand are not touched.
    pub async fn serve<H: Handler>(
        mut self,
        handler: Arc<H>,
        hello: Hello,
        stop: impl Future<Output = ()> + Send,
    ) {
        let mut serving = Serving::new(handler, hello, self.limits);
        let mut folder = Folder::watch(folder_of(&self.file.path));
        let mut look_at = Instant::now();
        let mut complained = false;
        tokio::pin!(stop);
        loop {
            let accepted = tokio::select! {
                () = &mut stop => break,
                () = serving.one_ended() => continue,
                () = sleep_until(look_at) => None,
                () = changed(folder.as_ref()) => None,
                accepted = self.listener.accept() => Some(accepted),
            };
            let Some(accepted) = accepted else {
                if self.file.is_there() {
                    complained = false;
                } else {
                    complained = self.see_to_the_file(complained);
                    // The folder may be another one of the same name.
                    folder = Folder::watch(folder_of(&self.file.path));
                }
                let told = folder.is_some() && !complained;
                look_at = Instant::now() + if told { LOOK_SELDOM } else { LOOK_EVERY };
                continue;
            };
            let stream = match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "A connection could not be accepted");
                    sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let Some(id) = who(&stream, serving.next_number()) else {
                continue;
            };
            if let Err(full) = serving.make_room(id) {
                refuse(&stream, full);
                continue;
            }
            let (input, output) = stream.into_split();
            serving.take(input, output, id);
        }
        drop(self.listener);
        drop(self.file);
        serving.drain().await;
    }
}

impl Server {
    /// Makes the socket again when its file is gone. `complained` says that a failure was told already; the answer
    /// is the same for the next look.
    fn see_to_the_file(&mut self, complained: bool) -> bool {
        if self.file.is_there() {
            return false;
        }
        match listen(&self.file.path, self.group.as_deref()) {
            Ok((listener, identity)) => {
                self.listener = listener;
                self.file.identity = identity;
                tracing::warn!(socket = %self.file.path.display(), "The socket was deleted or replaced; made it again");
                false
            }
            Err(error) => {
                if !complained {
                    tracing::error!(
                        %error,
                        "The socket was deleted or replaced and cannot be made again; no desk program can connect"
                    );
                }
                true
            }
        }
    }
}

fn who(stream: &UnixStream, connection: u64) -> Option<PeerId> {
    match stream.peer_cred() {
        Ok(cred) => {
            tracing::debug!(
                connection,
                uid = cred.uid(),
                pid = cred.pid(),
                "Desk program connected"
            );
            Some(PeerId {
                connection,
                uid: Some(cred.uid()),
                pid: cred.pid(),
            })
        }
        Err(error) => {
            tracing::warn!(%error, "Refused a connection that does not say whose it is");
            None
        }
    }
}

/// A line into an empty socket buffer never waits.
fn refuse(stream: &UnixStream, full: Full) {
    if let Err(error) = stream.try_write(full_line(full.words()).as_bytes()) {
        tracing::debug!(%error, "A refused desk program did not hear why");
    }
}

/// A listener on `path` and which file that is.
fn listen(path: &Path, group: Option<&str>) -> Result<(UnixListener, (u64, u64)), ServerError> {
    refuse_if_alive(path)?;
    let failed = |source| ServerError::Bind {
        path: PathBuf::from(path),
        source,
    };
    let listener = listen_with_mode(path, group).map_err(failed)?;
    let identity = identity(path).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let listener = UnixListener::from_std(listener).map_err(failed)?;
    Ok((listener, identity))
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let found = std::fs::symlink_metadata(path)?;
    Ok((found.dev(), found.ino()))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn refuse_if_alive(path: &Path) -> Result<(), ServerError> {
    let Ok(found) = std::fs::symlink_metadata(path) else {
        return Ok(());
    };
    if !found.file_type().is_socket() {
        return Err(ServerError::NotASocket(PathBuf::from(path)));
    }
    match StdStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Ok(_) => Err(ServerError::InUse(PathBuf::from(path))),
        Err(source) => Err(ServerError::Bind {
            path: PathBuf::from(path),
            source,
        }),
    }
}

/// Makes the socket inside a folder only we may enter and moves it to its place when its mode is right: nobody can
/// connect in between, and a stale file is replaced in one step.
fn listen_with_mode(path: &Path, group: Option<&str>) -> io::Result<StdListener> {
    let nursery = folder_of(path).join(format!(".zj{}", std::process::id()));
    let newborn = nursery.join("s");
    // Left behind by an agent of the same process number that was killed right here.
    let _ = std::fs::remove_file(&newborn);
    let _ = std::fs::remove_dir(&nursery);
    DirBuilder::new().mode(0o700).create(&nursery)?;
    let made = StdListener::bind(&newborn).and_then(|listener| {
        std::fs::set_permissions(&newborn, Permissions::from_mode(SOCKET_MODE))?;
        give_to_group(&newborn, group)?;
        std::fs::rename(&newborn, path)?;
        Ok(listener)
    });
    if made.is_err() {
        let _ = std::fs::remove_file(&newborn);
    }
    std::fs::remove_dir(&nursery)?;
    made
}

fn give_to_group(socket: &Path, group: Option<&str>) -> io::Result<()> {
    let Some(name) = group else { return Ok(()) };
    match Group::from_name(name) {
        // A service that may not change owners has the group from the start.
        Ok(Some(found)) if std::fs::metadata(socket)?.gid() == found.gid.as_raw() => Ok(()),
        Ok(Some(found)) => std::os::unix::fs::chown(socket, None, Some(found.gid.as_raw())),
        Ok(None) => {
            tracing::warn!(
                group = name,
                "There is no such group; only the agent's own user can connect"
            );
            Ok(())
        }
        Err(error) => Err(io::Error::from(error)),
    }
}

/// The socket's file, removed with us unless somebody else has put another in its place.
#[derive(Debug)]
struct SocketFile {
    path: PathBuf,
    identity: (u64, u64),
}

impl SocketFile {
    fn is_there(&self) -> bool {
        identity(&self.path).is_ok_and(|found| found == self.identity)
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if self.is_there() {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
