//! What can be tried of the pipe without another account.

use std::sync::Arc;

use serde_json::value::RawValue;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::sync::oneshot;

use super::access::{CONNECT_RIGHTS, sddl};
use super::*;
use crate::method::Method;
use crate::peer::Peer;
use crate::rpc::RpcError;

struct Echo;

impl Handler for Echo {
    async fn call(
        &self,
        _peer: Arc<Peer>,
        _method: Method,
        params: Box<RawValue>,
    ) -> Result<Box<RawValue>, RpcError> {
        Ok(params)
    }
}

fn name(test: &str) -> PathBuf {
    PathBuf::from(format!(r"\\.\pipe\zhijie-test-{test}-{}", std::process::id()))
}

#[test]
fn only_who_is_named_has_rights() {
    assert_eq!(
        sddl("S-1-5-80-1", "IU"),
        "O:S-1-5-80-1D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;S-1-5-80-1)(A;;0x12019b;;;IU)"
    );
    // FILE_CREATE_PIPE_INSTANCE
    assert_eq!(CONNECT_RIGHTS & 0x4, 0);
}

#[test]
fn a_path_that_is_no_pipe_is_refused() {
    for path in [r"C:\zhijie.sock", r"\\.\pipe\", r"\\server\pipe\zhijie", ""] {
        let refused = Server::check(Path::new(path));
        assert!(
            matches!(refused, Err(ServerError::NotASocket(_))),
            "{path}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn asks_and_answers_one_after_the_other_and_side_by_side() {
    let path = name("echo");
    let server = Server::bind(&path, None).unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve(Arc::new(Echo), Hello::new("0"), async {
        let _ = stopped.await;
    }));
    for _ in 0..3 {
        let (one, other) = (connect(&path).await.unwrap(), connect(&path).await.unwrap());
        for pipe in [one, other] {
            assert!(is_trusted(&pipe).unwrap());
            let mut pipe = BufReader::new(pipe);
            let mut line = String::new();
            pipe.read_line(&mut line).await.unwrap();
            assert!(line.contains("hello"), "{line}");
            line.clear();
            pipe.write_all(
                b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"agent.health\",\"params\":{\"a\":1}}\n",
            )
            .await
            .unwrap();
            pipe.read_line(&mut line).await.unwrap();
            assert!(line.contains("\"result\":{\"a\":1}"), "{line}");
        }
    }
    stop.send(()).unwrap();
    serving.await.unwrap();
    assert_eq!(
        connect(&path).await.unwrap_err().kind(),
        io::ErrorKind::NotFound,
        "the pipe goes with its server"
    );
}

#[tokio::test]
async fn a_pipe_somebody_listens_on_is_in_use() {
    let path = name("twice");
    let _first = Server::bind(&path, None).unwrap();
    let second = Server::bind(&path, None);
    assert!(matches!(second, Err(ServerError::InUse(_))), "{second:?}");
}

#[tokio::test]
async fn an_account_that_does_not_exist_is_named_as_an_error() {
    let refused = Server::bind(&name("group"), Some("no-such-account-zhijie"));
    assert!(matches!(refused, Err(ServerError::Bind { .. })), "{refused:?}");
}
