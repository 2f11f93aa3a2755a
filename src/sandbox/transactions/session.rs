//! 9001, 9002: an operator signs in and out.

use crate::json::Object;
use crate::refusal::Refusal;
use crate::store;
use crate::transactions::{Context, Done};

pub(super) fn sign_in(context: &Context<'_>) -> Done {
    let node = context.request.input.node("signIn")?;
    node.need(&["opter_no", "ip"])?;
    let operator = node.text("opter_no")?;
    if operator != context.request.operator {
        return Err(Refusal::front("签到操作员编号与经办人不一致").into());
    }
    let number = context.new_id()?;
    let time = context.time();
    store::sign_in(
        context.db,
        &number,
        &operator,
        &context.request.institution,
        &time,
    )?;
    let out = Object::new().with("sign_time", time).with("sign_no", number);
    Ok(Some(Object::new().with("signinoutb", out)))
}

pub(super) fn sign_out(context: &Context<'_>) -> Done {
    let node = context.request.input.node("signOut")?;
    node.need(&["sign_no", "opter_no"])?;
    let ended = store::end_sign_in(context.db, &node.text("sign_no")?, &node.text("opter_no")?)?;
    if !ended {
        return Err(Refusal::front("签到编号不存在或已签退").into());
    }
    let out = Object::new().with("sign_time", context.time());
    Ok(Some(Object::new().with("signoutoutb", out)))
}
