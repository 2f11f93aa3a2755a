//! What stands in the way of the person at the keyboard: Chinese first with the next step, English beside it.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::path::Path;

use zhijie_desk::{ClientError, ServerError};
use zhijie_ledger::OpenError;

use crate::config::ConfigError;

/// A typed error, told to a person.
#[derive(Debug, thiserror::Error)]
#[error("{zh}\n  {en}")]
pub(super) struct Trouble {
    zh: String,
    en: String,
    #[source]
    source: Box<dyn Error + Send + Sync>,
}

fn trouble(zh: String, en: String, source: impl Error + Send + Sync + 'static) -> Trouble {
    let source = Box::new(source);
    Trouble { zh, en, source }
}

/// The configuration cannot be used.
pub(super) fn of_config(error: ConfigError) -> anyhow::Error {
    let missing = match &error {
        ConfigError::Unreadable { path, source } if source.kind() == ErrorKind::NotFound => path.clone(),
        ConfigError::Malformed { .. } | ConfigError::Invalid { .. } => {
            return anyhow::Error::new(error).context("配置文件有误 the configuration is wrong");
        }
        ConfigError::Unreadable { .. } | ConfigError::Secret { .. } => return anyhow::Error::new(error),
    };
    let path = missing.display();
    let zh = format!(
        "找不到文件 {path}。请用 --config 或 ZHIJIE_CONFIG 指明配置文件，或按 config/agent.example.toml 新建"
    );
    let en = format!("{path} is not there; name the configuration with --config or ZHIJIE_CONFIG");
    trouble(zh, en, error).into()
}

/// The configuration was made for another PC; its desk slot.
#[derive(Debug, thiserror::Error)]
#[error(
    "desk.machine：收费台编号 {0:02} 是给另一台电脑的（复制的硬盘或配置，或本机换过网卡）。没有启动，以免两台电脑共用一个编号。\
     请用 zhijie setup --replace 设本机自己的编号；确认原电脑不再使用的，也可删去 desk.machine 一行\n  desk.machine: desk \
     slot {0:02} was given to another PC (a copied disk or configuration, or a new network card); give this PC a slot of its \
     own with `zhijie setup --replace`, or take the line out where the other PC is out of use"
)]
pub(super) struct OtherPc(pub(super) u8);

/// The ledger was not opened.
pub(super) fn of_ledger(path: &Path, error: OpenError) -> Trouble {
    let at = path.display();
    let (zh, en) = match &error {
        OpenError::InUse { .. } => (
            format!("账本 {at} 正由另一个直结程序使用。本机只能运行一个，请先停掉另一个"),
            format!("the ledger {at} is in use by another agent; stop that one first"),
        ),
        OpenError::Lost { trace, .. } => (
            format!(
                "账本 {at} 不见了，但这里曾经有账本（还留有 {}）。没有新建，以免重复结算。请把账本放回原处；\
                 确实找不回的，经医保办同意后用 zhijie ledger init --config FILE 新建",
                trace.display()
            ),
            format!(
                "the ledger {at} is missing although there was one here; put it back, or, after the insurance \
                 office agreed, make a new one with `zhijie ledger init --config FILE`"
            ),
        ),
        OpenError::Restored { found, known, .. } => (
            format!(
                "账本 {at} 不是本机最后使用的那一份（现有 {found} 条记录，本机已写到 {known} 条），多半是从备份恢复的，没有改动。\
                 请放回最后的账本；确实没有的，由医保办与平台逐笔核对后，用 zhijie ledger accept --config FILE 接受"
            ),
            format!(
                "the ledger {at} is not the one this desk wrote last ({found} records, {known} were written); put that \
                 one back, or, after the insurance office compared it with the platform, take this one with `zhijie \
                 ledger accept --config FILE`"
            ),
        ),
        OpenError::OtherMachine { .. } => (
            format!(
                "账本 {at} 上次是在另一台电脑上使用的（复制的硬盘或文件夹，或本机换过网卡），没有改动。两台电脑不能共用一个收费台编号。\
                 本机是复制出来的：请把账本文件移走，再用 zhijie setup --replace 设本机自己的编号；换了电脑或网卡、原电脑不再使用的：\
                 用 zhijie ledger accept --config FILE 接受"
            ),
            format!(
                "the ledger {at} was last used on another PC (a copied disk or folder, or a new network card); two PCs must \
                 not share a desk slot. On a copy, move the ledger's files away and give this PC a slot of its own with \
                 `zhijie setup --replace`; where the other PC is out of use, take it with `zhijie ledger accept --config FILE`"
            ),
        ),
        OpenError::AlreadyThere { .. } => (
            format!("{at} 已有账本，没有新建，也没有改动"),
            format!("there is a ledger at {at}; nothing was made or changed"),
        ),
        OpenError::Missing { .. } => (
            format!("找不到账本 {at}。请核对 --ledger 或配置中的 ledger.path"),
            format!("there is no ledger at {at}; see --ledger or ledger.path"),
        ),
        OpenError::Io { source, .. } => io_words("账本", "the ledger", "ledger.path", path, source),
        OpenError::OtherInstitution { .. } | OpenError::OtherSlot { .. } => (
            format!(
                "账本 {at} 属于另一个机构或窗口，没有改动。请核对 institution.code、desk.slot 和 ledger.path"
            ),
            format!(
                "the ledger {at} belongs to another institution or desk; see institution.code, desk.slot, ledger.path"
            ),
        ),
        OpenError::NotSqlite { .. } | OpenError::Foreign { .. } | OpenError::NoFormat { .. } => (
            format!("{at} 不是直结账本，没有改动。请核对 ledger.path"),
            format!("{at} is no ledger and was left as it is; see ledger.path"),
        ),
        OpenError::Newer { .. } => (
            format!("账本 {at} 由更新版本的程序写成，没有改动。请安装新版本"),
            format!("the ledger {at} was written by a newer program; install that version"),
        ),
        OpenError::OldSqlite { .. }
        | OpenError::SlotOutOfRange(_)
        | OpenError::InstitutionCode(_)
        | OpenError::NoWal
        | OpenError::Damaged(_)
        | OpenError::Sqlite(_) => (
            format!("打不开账本 {at}。请勿删除或替换，请联系信息科"),
            format!("cannot open the ledger {at}; do not delete or replace it"),
        ),
    };
    trouble(zh, en, error)
}

/// The socket cannot be had.
pub(super) fn of_socket(path: &Path, error: ServerError) -> Trouble {
    let at = path.display();
    let (zh, en) = match &error {
        ServerError::InUse(_) => (
            format!("套接字 {at} 正由另一个直结程序使用，请先停掉另一个，或改 desk.socket"),
            format!("the socket {at} is in use by another agent; stop that one, or change desk.socket"),
        ),
        ServerError::NotASocket(_) => (
            format!("{at} 是别的文件，没有改动。请改 desk.socket"),
            format!("{at} is a file of somebody else's; change desk.socket"),
        ),
        ServerError::Bind { source, .. } => io_words("套接字", "the socket", "desk.socket", path, source),
    };
    trouble(zh, en, error)
}

/// A certificate or key cannot be read.
pub(super) fn of_file(key: &str, path: &Path, error: io::Error) -> Trouble {
    let at = path.display();
    let (zh, en) = match error.kind() {
        ErrorKind::NotFound => (
            format!("{key}：找不到文件 {at}，请核对配置"),
            format!("{key}: cannot read {at}: it is not there"),
        ),
        ErrorKind::PermissionDenied => (
            format!("{key}：没有权限读取 {at}，请让运行本程序的用户可读"),
            format!("{key}: cannot read {at}: let the agent's user read it"),
        ),
        _ => (
            format!("{key}：读不出文件 {at}"),
            format!("{key}: cannot read {at}"),
        ),
    };
    trouble(zh, en, error)
}

/// No answer from the agent.
pub(super) fn of_client(socket: &Path, error: ClientError) -> Trouble {
    let at = socket.display();
    let (zh, en) = match &error {
        ClientError::Connect { source, .. } if source.kind() == ErrorKind::PermissionDenied => (
            format!("没有权限连接套接字 {at}，请把当前用户加入配置中 desk.socket_group 的组"),
            format!("no permission to connect to {at}; join the group of desk.socket_group"),
        ),
        ClientError::Connect { .. } => (
            format!(
                "程序没有运行，或不在 {at}。请用 zhijie run --config FILE 启动；套接字在别处的，用 --socket 或 \
                 ZHIJIE_SOCKET 指明"
            ),
            format!(
                "the agent does not answer at {at}; start it with `zhijie run --config FILE`, or name its socket with \
                 --socket or ZHIJIE_SOCKET"
            ),
        ),
        ClientError::Untrusted { .. } => (
            format!("{at} 不是由可信用户提供的，没有发送任何内容，请联系信息科"),
            format!("{at} is served by a user who is not trusted; nothing was sent"),
        ),
        ClientError::NoHello(_) => (
            format!("{at} 没有问候，直结程序可能卡住或连接过多，请稍后再试；仍不行时重启直结服务"),
            format!(
                "the agent at {at} did not greet; it may hang or have too many connections: try again, then restart its service"
            ),
        ),
        ClientError::TooLong => (
            String::from("请求太长，没有发送"),
            String::from("the request is too long and was not sent"),
        ),
        ClientError::Closed => (
            String::from("应答之前连接断开，请用 visit.status 查询结果，请勿另换请求号重做"),
            String::from("the connection ended before the answer; ask with visit.status"),
        ),
        ClientError::Rpc(_) => (
            String::from("程序没有接受这次调用"),
            String::from("the agent refused the call"),
        ),
    };
    trouble(zh, en, error)
}

fn io_words(what_zh: &str, what_en: &str, key: &str, path: &Path, error: &io::Error) -> (String, String) {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let (at, folder) = (path.display(), folder.display());
    match error.kind() {
        ErrorKind::NotFound => (
            format!("{what_zh}所在的文件夹 {folder} 不存在，请先建立，或改 {key}"),
            format!("the folder {folder} of {what_en} is not there; make it, or change {key}"),
        ),
        ErrorKind::PermissionDenied => (
            format!("没有权限使用{what_zh} {at}，请让运行本程序的用户可读写文件夹 {folder}"),
            format!("no permission for {what_en} {at}; let the agent's user write to {folder}"),
        ),
        _ => (
            format!("不能使用{what_zh} {at}（{key}）"),
            format!("cannot use {what_en} {at} ({key})"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_begins_in_chinese_and_names_the_place() {
        let path = Path::new("/x/file");
        let denied = || io::Error::from(ErrorKind::PermissionDenied);
        let gone = || io::Error::from(ErrorKind::NotFound);
        let connect = |source| ClientError::Connect {
            path: path.to_owned(),
            source,
        };
        let bind = |source| ServerError::Bind {
            path: path.to_owned(),
            source,
        };
        let io = |source| OpenError::Io {
            path: path.to_owned(),
            source,
        };
        let table = [
            (
                of_ledger(
                    path,
                    OpenError::InUse {
                        path: path.to_owned(),
                    },
                ),
                "another agent",
            ),
            (of_ledger(path, io(gone())), "folder /x"),
            (of_ledger(path, io(denied())), "no permission"),
            (
                of_socket(path, ServerError::InUse(path.to_owned())),
                "another agent",
            ),
            (of_socket(path, bind(gone())), "folder /x"),
            (of_socket(path, bind(denied())), "no permission"),
            (of_file("platform.ca", path, gone()), "platform.ca: cannot read"),
            (of_client(path, connect(gone())), "ZHIJIE_SOCKET"),
            (of_client(path, connect(denied())), "socket_group"),
        ];
        for (trouble, named) in table {
            assert!(!trouble.zh.is_ascii(), "{trouble}");
            assert!(trouble.zh.contains("/x"), "{trouble}");
            assert!(trouble.en.is_ascii() && trouble.en.contains(named), "{trouble}");
        }
    }
}
