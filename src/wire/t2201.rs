//! 2201 门诊挂号 and 2202 门诊挂号撤销 (interface reference, 3.4).

use serde::{Deserialize, Serialize};
use zhijie_model::{Payer, Visit, VisitId, VisitNumber};

use crate::context::{Context, Extension, Identity};
use crate::envelope::Output;
use crate::message::{EncodeError, filled, wall_clock};
use crate::same::{same, same_person};
use crate::scalar::{Text, at};
use crate::unreadable::Unreadable;

#[derive(Serialize)]
pub(crate) struct RegisterInput<'a> {
    data: Register<'a>,
}

#[derive(Serialize)]
struct Register<'a> {
    psn_no: &'a str,          // 人员编号
    insutype: &'a str,        // 险种类型
    begntime: String,         // 开始时间
    mdtrt_cert_type: &'a str, // 就诊凭证类型
    mdtrt_cert_no: &'a str,   // 就诊凭证编号
    ipt_otp_no: &'a str,      // 住院/门诊号
    atddr_no: &'a str,        // 医师编码
    dr_name: &'a str,         // 医师姓名
    dept_code: &'a str,       // 科室编码
    dept_name: &'a str,       // 科室名称
    caty: &'a str,            // 科别
    #[serde(flatten)]
    identity: Identity<'a>,
    #[serde(flatten)]
    extension: Extension<'a>,
}

#[derive(Serialize)]
pub(crate) struct WithdrawInput<'a> {
    data: Withdraw<'a>,
}

#[derive(Serialize)]
struct Withdraw<'a> {
    psn_no: &'a str,     // 人员编号
    mdtrt_id: &'a str,   // 就诊ID
    ipt_otp_no: &'a str, // 住院/门诊号
    #[serde(flatten)]
    extension: Extension<'a>,
}

pub(crate) fn register<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    visit: &'a Visit,
) -> Result<RegisterInput<'a>, EncodeError> {
    let proof = context.proof()?;
    Ok(RegisterInput {
        data: Register {
            psn_no: payer.number.as_str(),
            insutype: payer.insurance.as_str(),
            begntime: wall_clock(visit.began),
            mdtrt_cert_type: proof.kind,
            mdtrt_cert_no: proof.number,
            ipt_otp_no: visit.number.as_str(),
            atddr_no: filled("atddr_no", &visit.doctor.code)?,
            dr_name: filled("dr_name", &visit.doctor.name)?,
            dept_code: filled("dept_code", &visit.department.code)?,
            dept_name: filled("dept_name", &visit.department.name)?,
            caty: filled("caty", &visit.department.category)?,
            identity: context.identity(payer, &proof)?,
            extension: context.extension(),
        },
    })
}

pub(crate) fn withdraw<'a>(
    context: &Context<'a>,
    payer: &'a Payer,
    visit_id: &'a VisitId,
    number: &'a VisitNumber,
) -> WithdrawInput<'a> {
    WithdrawInput {
        data: Withdraw {
            psn_no: payer.number.as_str(),
            mdtrt_id: visit_id.as_str(),
            ipt_otp_no: number.as_str(),
            extension: context.extension(),
        },
    }
}

const NODE: &str = "data";

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Registered {
    mdtrt_id: Text,   // 就诊ID
    psn_no: Text,     // 人员编号
    ipt_otp_no: Text, // 住院/门诊号
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Nodes {
    data: Option<Registered>,
}

pub(crate) fn read(output: &Output, payer: &Payer, visit: &Visit) -> Result<VisitId, Unreadable> {
    let nodes: Nodes = output.read(NODE)?;
    let data = nodes.data.ok_or(Unreadable::NodeMissing { node: NODE })?;
    same_person(&data.psn_no, NODE, payer)?;
    same(&data.ipt_otp_no, NODE, "ipt_otp_no", visit.number.as_str())?;
    data.mdtrt_id.need_id(at(NODE, "mdtrt_id"), VisitId::new)
}
