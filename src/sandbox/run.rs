//! Starting and stopping a sandbox province.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::data::{Data, DataError};
use crate::options::Options;
use crate::province::Province;
use crate::tls::{TlsError, acceptor};
use crate::{admin, server, store};

/// Why the sandbox did not start.
#[derive(Debug, Error)]
pub enum Error {
    #[error("the admin address must be a loopback address")]
    AdminNotLoopback,
    #[error("{0}")]
    Scenario(String),
    #[error(transparent)]
    Data(#[from] DataError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("cannot open the store")]
    Store(#[from] rusqlite::Error),
    #[error("cannot make {}", path.display())]
    DataDir {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("cannot listen on {address}")]
    Listen {
        address: SocketAddr,
        #[source]
        source: io::Error,
    },
}

/// A running sandbox. Dropping it closes both listeners and their connections; calls under way are finished.
#[derive(Debug)]
pub struct Handle {
    platform: SocketAddr,
    admin: SocketAddr,
    tasks: [JoinHandle<()>; 2],
}

/// Starts a sandbox inside the running tokio runtime and returns once both listeners accept.
///
/// # Errors
/// See [`Error`]; nothing keeps running then.
pub async fn serve(mut options: Options) -> Result<Handle, Error> {
    if !options.admin.ip().is_loopback() {
        return Err(Error::AdminNotLoopback);
    }
    let tls = acceptor(&options.certs_dir)?;
    let mut data = Data::load()?;
    let scenario = options.scenario.take().unwrap_or_default();
    scenario.switch(&mut options);
    scenario
        .settle_in(&mut data.people)
        .map_err(|error| Error::Scenario(error.to_string()))?;
    if let Some(dir) = &options.data_dir {
        std::fs::create_dir_all(dir).map_err(|source| Error::DataDir {
            path: dir.clone(),
            source,
        })?;
    }
    let db = store::open(options.data_dir.as_deref(), &data.people)?;
    let (listener, platform) = listen(options.listen).await?;
    let (admin_listener, admin) = listen(options.admin).await?;
    let province = Arc::new(Province::new(options, data, db));
    for fault in scenario.fault {
        province.faults.add(fault);
    }
    let router = admin::router(Arc::clone(&province));
    let serving = tokio::spawn(server::run(listener, tls, province));
    let administering = tokio::spawn(async move {
        if let Err(error) = axum::serve(admin_listener, router).await {
            tracing::error!(%error, "Admin listener ended");
        }
    });
    Ok(Handle {
        platform,
        admin,
        tasks: [serving, administering],
    })
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Error> {
    let failed = |source| Error::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

impl Handle {
    /// Base address of the platform, e.g. `https://127.0.0.1:40123`.
    #[must_use]
    pub fn platform_url(&self) -> String {
        format!("https://{}", self.platform)
    }

    /// Base address of the admin side, e.g. `http://127.0.0.1:40124`.
    #[must_use]
    pub fn admin_url(&self) -> String {
        format!("http://{}", self.admin)
    }

    /// Stops and waits until both listeners are closed.
    pub async fn stop(mut self) {
        for task in &mut self.tasks {
            task.abort();
            // An aborted task ends with an error that says so.
            let _ended = task.await;
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}
