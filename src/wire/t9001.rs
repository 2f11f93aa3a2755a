//! 9001 签到 and 9002 签退 (interface reference, 3.1).

use serde::{Deserialize, Serialize};
use zhijie_model::{OperatorCode, SignIn};

use crate::envelope::Output;
use crate::inquiry::SignedIn;
use crate::message::{EncodeError, filled};
use crate::scalar::{Text, at};
use crate::unreadable::Unreadable;

#[derive(Serialize)]
#[expect(non_snake_case, reason = "node name of the interface")]
pub(crate) struct SignInInput<'a> {
    signIn: SignInNode<'a>,
}

#[derive(Serialize)]
struct SignInNode<'a> {
    opter_no: &'a str, // 操作员编号
    mac: &'a str,      // 签到MAC地址
    ip: &'a str,       // 签到IP地址
}

#[derive(Serialize)]
#[expect(non_snake_case, reason = "node name of the interface")]
pub(crate) struct SignOutInput<'a> {
    signOut: SignOutNode<'a>,
}

#[derive(Serialize)]
struct SignOutNode<'a> {
    sign_no: &'a str,  // 签到编号
    opter_no: &'a str, // 操作员编号
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct SignInOutput {
    signinoutb: Option<SignedInNode>,
    /// Name of the node in one city.
    result: Option<SignedInNode>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct SignedInNode {
    sign_time: Text, // 签到时间
    sign_no: Text,   // 签到编号
}

pub(crate) fn sign_in<'a>(
    operator: &'a OperatorCode,
    mac: &'a str,
    ip: &'a str,
) -> Result<SignInInput<'a>, EncodeError> {
    Ok(SignInInput {
        signIn: SignInNode {
            opter_no: operator.as_str(),
            mac,
            ip: filled("ip", ip)?,
        },
    })
}

pub(crate) fn sign_out<'a>(operator: &'a OperatorCode, number: &'a SignIn) -> SignOutInput<'a> {
    SignOutInput {
        signOut: SignOutNode {
            sign_no: number.as_str(),
            opter_no: operator.as_str(),
        },
    }
}

pub(crate) fn read(output: &Output) -> Result<SignedIn, Unreadable> {
    const NODE: &str = "signinoutb";
    let nodes: SignInOutput = output.read(NODE)?;
    let node = nodes
        .signinoutb
        .or(nodes.result)
        .ok_or(Unreadable::NodeMissing { node: NODE })?;
    Ok(SignedIn {
        number: node.sign_no.need_id(at(NODE, "sign_no"), SignIn::new)?,
        at: node.sign_time.clock(at(NODE, "sign_time"))?,
    })
}
