//! The tables of the interface, and how a request is held against them.

use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::Message;

const ENVELOPE: &str = "infno* msgid* mdtrtarea_admvs* insuplc_admdvs* recer_sys_code* dev_no* dev_safe_info* cainfo* \
    signtype* infver* opter_type* opter* opter_name* inf_time* fixmedins_code* fixmedins_name* sign_no* input*";

const STAY_DIAGNOSIS: &str = "psn_no* diag_type* maindiag_flag* diag_srt_no* diag_code* diag_name* adm_cond diag_dept* \
    dise_dor_no* dise_dor_name* diag_time*";
const LATER_STAY_DIAGNOSIS: &str = "mdtrt_id* psn_no* diag_type* maindiag_flag* diag_srt_no* diag_code* diag_name* \
    adm_cond diag_dept* dise_dor_no* dise_dor_name* diag_time*";

/// Members of each node in the order of its table; a star marks a mandatory one. What the tables of provinces add
/// stands at the end.
pub(super) const TABLES: [(&str, &str, &str); 27] = [
    (
        "2201",
        "data",
        "psn_no* insutype* begntime* mdtrt_cert_type* mdtrt_cert_no* ipt_otp_no* atddr_no* dr_name* \
        dept_code* dept_name* caty* card_sn psn_cert_type certno psn_type psn_name exp_content",
    ),
    ("2202", "data", "psn_no* mdtrt_id* ipt_otp_no* exp_content"),
    (
        "2203A",
        "mdtrtinfo",
        "mdtrt_id* psn_no* med_type* begntime* main_cond_dscr dise_codg dise_name birctrl_type \
        birctrl_matn_date matn_type geso_val exp_content",
    ),
    (
        "2203A",
        "diseinfo",
        "diag_type* diag_srt_no* diag_code* diag_name* diag_dept* dise_dor_no* dise_dor_name* \
        diag_time* vali_flag*",
    ),
    (
        "2204",
        "feedetail",
        "feedetl_sn* mdtrt_id* psn_no* chrg_bchno* dise_codg rxno rx_circ_flag* fee_ocur_time* \
        med_list_codg* medins_list_codg* det_item_fee_sumamt* cnt* pric* sin_dos_dscr used_frqu_dscr prd_days \
        medc_way_dscr bilg_dept_codg* bilg_dept_name* bilg_dr_codg* bilg_dr_name* acord_dept_codg acord_dept_name \
        orders_dr_code orders_dr_name hosp_appr_flag* tcmdrug_used_way etip_flag etip_hosp_code dscg_tkdrug_flag \
        matn_fee_flag exp_content",
    ),
    ("2205", "data", "mdtrt_id* chrg_bchno* psn_no* exp_content"),
    (
        "2206A",
        "data",
        "psn_no* mdtrt_cert_type* mdtrt_cert_no* med_type* medfee_sumamt* psn_setlway* mdtrt_id* \
        chrg_bchno* acct_used_flag* insutype* acct_payamt card_sn psn_cert_type certno psn_type psn_name exp_content",
    ),
    (
        "2207A",
        "data",
        "psn_no* mdtrt_cert_type* mdtrt_cert_no* med_type* medfee_sumamt* psn_setlway* mdtrt_id* \
        chrg_bchno* acct_used_flag* insutype* acct_payamt invono fulamt_ownpay_amt* overlmt_selfpay* preselfpay_amt* \
        inscp_scp_amt* minpacunt_drug_trac_cnt mcs_trac_cnt card_sn psn_cert_type certno psn_type psn_name exp_content",
    ),
    ("2208", "data", "mdtrt_id* setl_id* psn_no* exp_content"),
    (
        "2301",
        "feedetail",
        "feedetl_sn* init_feedetl_sn mdtrt_id* drord_no psn_no* med_type* fee_ocur_time* med_list_codg* \
        medins_list_codg* det_item_fee_sumamt* cnt* pric* bilg_dept_codg* bilg_dept_name* bilg_dr_codg* \
        bilg_dr_name* acord_dept_codg acord_dept_name orders_dr_code orders_dr_name hosp_appr_flag* \
        tcmdrug_used_way etip_flag etip_hosp_code dscg_tkdrug_flag matn_fee_flag memo exp_content",
    ),
    ("2302", "data", "feedetl_sn* mdtrt_id* psn_no* exp_content"),
    (
        "2303",
        "data",
        "psn_no* mdtrt_cert_type* mdtrt_cert_no* medfee_sumamt* psn_setlway* mdtrt_id* acct_used_flag* insutype* \
        invono mid_setl_flag* fulamt_ownpay_amt* overlmt_selfpay* preselfpay_amt* inscp_scp_amt* dscg_time \
        med_type card_sn psn_cert_type certno psn_type psn_name exp_content",
    ),
    (
        "2304",
        "data",
        "psn_no* mdtrt_cert_type* mdtrt_cert_no* medfee_sumamt* psn_setlway* mdtrt_id* acct_used_flag* insutype* \
        invono mid_setl_flag* fulamt_ownpay_amt overlmt_selfpay preselfpay_amt inscp_scp_amt dscg_time \
        med_type card_sn psn_cert_type certno psn_type psn_name exp_content",
    ),
    (
        "2303A",
        "data",
        "psn_no* mdtrt_cert_type* mdtrt_cert_no* medfee_sumamt* psn_setlway* mdtrt_id* acct_used_flag* insutype* \
        invono mid_setl_flag* fulamt_ownpay_amt* overlmt_selfpay* preselfpay_amt* inscp_scp_amt* dscg_time \
        med_type card_sn psn_cert_type certno psn_type psn_name exp_content",
    ),
    (
        "2304A",
        "data",
        "psn_no* mdtrt_cert_type* mdtrt_cert_no* medfee_sumamt* psn_setlway* mdtrt_id* acct_used_flag* insutype* \
        invono mid_setl_flag* fulamt_ownpay_amt overlmt_selfpay preselfpay_amt inscp_scp_amt dscg_time \
        med_type card_sn psn_cert_type certno psn_type psn_name exp_content",
    ),
    ("2305", "data", "mdtrt_id* setl_id* psn_no* exp_content"),
    (
        "2401",
        "mdtrtinfo",
        "psn_no* insutype* coner_name tel begntime* mdtrt_cert_type* mdtrt_cert_no* med_type* ipt_no* medrcdno \
        atddr_no* chfpdr_name* adm_diag_dscr* adm_dept_codg* adm_dept_name* adm_bed* dscg_maindiag_code* \
        dscg_maindiag_name* main_cond_dscr dise_codg dise_name oprn_oprt_code oprn_oprt_name fpsc_no matn_type \
        birctrl_type latechb_flag geso_val fetts fetus_cnt pret_flag birctrl_matn_date dise_type_code card_sn \
        psn_cert_type certno psn_type psn_name trum_flag rel_ttp_flag mdtrt_grp_type exp_content",
    ),
    ("2401", "diseinfo", STAY_DIAGNOSIS),
    (
        "2402",
        "dscginfo",
        "mdtrt_id* psn_no* insutype* endtime* dise_codg dise_name oprn_oprt_code oprn_oprt_name fpsc_no matn_type \
        birctrl_type latechb_flag geso_val fetts fetus_cnt pret_flag birctrl_matn_date cop_flag dscg_dept_codg* \
        dscg_dept_name* dscg_bed dscg_way* die_date exp_content",
    ),
    ("2402", "diseinfo", LATER_STAY_DIAGNOSIS),
    (
        "2403",
        "adminfo",
        "mdtrt_id* psn_no* coner_name tel begntime* mdtrt_cert_type* med_type* ipt_otp_no* medrcdno \
        atddr_no* chfpdr_name* adm_diag_dscr* adm_dept_codg* adm_dept_name* adm_bed* dscg_maindiag_code* \
        dscg_maindiag_name* main_cond_dscr dise_codg dise_name oprn_oprt_code oprn_oprt_name fpsc_no matn_type \
        birctrl_type latechb_flag geso_val fetts fetus_cnt pret_flag birctrl_matn_date dise_type_code \
        trum_flag rel_ttp_flag mdtrt_grp_type exp_content",
    ),
    ("2403", "diseinfo", LATER_STAY_DIAGNOSIS),
    ("2404", "data", "mdtrt_id* psn_no* exp_content"),
    ("2405", "data", "mdtrt_id* psn_no* exp_content"),
    ("2601", "data", "psn_no* omsgid* oinfno* exp_content"),
    ("5203", "data", "psn_no* setl_id mdtrt_id* exp_content"),
    ("5303", "data", "psn_no* begntime* endtime* exp_content"),
];

/// An object with its members in the order they were written.
pub(super) struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Ordered;
        impl<'de> Visitor<'de> for Ordered {
            type Value = Members;
            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Ordered)
    }
}

impl Members {
    pub(super) fn of(json: &str) -> Self {
        serde_json::from_str(json).unwrap()
    }

    pub(super) fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(member, _)| member == name)
            .map(|(_, raw)| raw.get())
            .unwrap()
    }
}

/// Checks one object against a table: nothing unknown, nothing mandatory missing or null, order kept.
#[track_caller]
pub(super) fn follows(infno: &str, table: &str, json: &str) {
    let names: Vec<&str> = table.split_whitespace().collect();
    let object = Members::of(json);
    let mut last = None;
    for (member, _) in &object.0 {
        let place = names.iter().position(|name| name.trim_end_matches('*') == member);
        assert!(place.is_some(), "{infno}: {member} is not in the table");
        assert!(place > last, "{infno}: {member} is out of order");
        last = place;
    }
    for name in names.iter().filter_map(|name| name.strip_suffix('*')) {
        assert!(
            object
                .0
                .iter()
                .any(|(member, raw)| member == name && raw.get() != "null"),
            "{infno}: {name}"
        );
    }
}

/// Checks the whole message: envelope, exactly the nodes of the transaction, each row against its table.
#[track_caller]
pub(super) fn whole(message: &Message, tables: &[(&str, &str, &str)]) {
    let body = String::from_utf8(message.body.clone()).unwrap();
    follows("envelope", ENVELOPE, &body);
    let envelope = Members::of(&body);
    assert_eq!(envelope.get("infno"), format!("\"{}\"", message.number));
    let nodes: Vec<_> = tables
        .iter()
        .filter(|(infno, ..)| *infno == message.number)
        .collect();
    let input = Members::of(envelope.get("input"));
    assert_eq!(input.0.len(), nodes.len(), "{}", message.number);
    for (infno, node, table) in nodes {
        let json = input.get(node);
        let rows: Vec<Box<RawValue>> = if json.starts_with('[') {
            serde_json::from_str(json).unwrap()
        } else {
            vec![serde_json::from_str(json).unwrap()]
        };
        assert!(!rows.is_empty(), "{infno} {node}");
        rows.iter().for_each(|row| follows(infno, table, row.get()));
    }
}
