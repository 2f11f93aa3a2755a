//! Abbreviations of the platform interface stand in `src/wire` and in the sandbox, which plays the other side.
//! Tests elsewhere may quote a platform's message.

use std::collections::BTreeSet;

use crate::house;
use crate::lex::{without_tests, words};

/// Whole-word names, no ordinary English among them.
const NAMES: &str = "
    infno msgid mdtrtarea_admvs insuplc_admdvs insu_admdvs recer_sys_code dev_safe_info cainfo signtype infver
    opter opter_type opter_name opter_no opter_id inf_time fixmedins_code fixmedins_name sign_no infcode
    inf_refmsgid refmsg_time err_msg warn_msg signinoutb signoutoutb
    psn_no psn_name psn_cert_type certno gend naty brdy baseinfo insuinfo idetinfo insutype psn_type psn_insu_stas
    psn_insu_date paus_insu_date cvlserv_flag emp_name balc mdtrt_cert_type mdtrt_cert_no card_sn
    vali_flag trt_chk_type trt_chk_rslt trt_enjymnt_flag begndate enddate
    mdtrt_id ipt_otp_no atddr_no dr_name caty med_type mdtrtinfo diseinfo main_cond_dscr dise_codg dise_name
    birctrl_type birctrl_matn_date diag_type diag_srt_no diag_code diag_name diag_dept dise_dor_no dise_dor_name
    diag_time begntime endtime
    feedetail feedetl_sn chrg_bchno rxno rx_circ_flag fee_ocur_time med_list_codg medins_list_codg
    det_item_fee_sumamt cnt pric pric_uplmt_amt sin_dos_dscr used_frqu_dscr prd_days medc_way_dscr bilg_dept_codg
    bilg_dept_name bilg_dr_codg orders_dr_code orders_dr_name hosp_appr_flag tcmdrug_used_way etip_flag
    fulamt_ownpay_amt overlmt_amt overlmt_selfpay preselfpay_amt inscp_scp_amt inscp_amt selfpay_prop chrgitm_lv
    med_chrgitm_type bas_medn_flag hi_nego_drug_flag lmt_used_flag
    psn_setlway acct_used_flag invono medfee_sumamt setlinfo setldetail setl_id setl_time act_pay_dedc hifp_pay
    pool_prop_selfpay cvlserv_pay hifes_pay hifmi_pay hifob_pay hifdm_pay maf_pay oth_pay othfund_pay
    fund_pay_sumamt psn_part_amt psn_pay acct_pay psn_cash_pay cash_payamt pdn_cash_pay hosp_part_amt
    ownpay_hosp_part acct_mulaid_pay medins_setl_id clr_optins clr_way clr_type refd_setl_flag pay_loc
    biz_appy_type psnfixmedin fix_srt_no refmedin opsp_dise_code opsp_dise_name trt_dcla_detl_sn rloc_admdvs rloc_rea
    cuminfo cum_ym cum_type_code
    out_fil_type dcla_souc insu_optins mdtrtarea_admdvs reflin_medins_no reflin_medins_name out_flag refl_type refl_date
    refl_rea refl_opnn hosp_agre_refl_flag refl_old_mdtrt_id ide_fixmedins_no hosp_ide_date diag_dr_codg
    file_qury_no dld_endtime dld_end_time data_cnt hilist_code hilist_name medins_list_name hilist_lmtpric_type
    hilist_pric_uplmt_amt selfpay_prop_psn_type selfpay_prop_type updt_time fixmedins_hilist_id fixmedins_hilist_name
    catalogcompin prcunt
    fund_pay_type fund_payamt crt_payb_lmt_amt setl_proc_info exp_content omsgid oinfno
";

const MAY_KNOW: &[&str] = &["src/wire", "src/sandbox", "drivers/twin"];

fn known<'a>(text: &'a str, names: &BTreeSet<&str>) -> BTreeSet<&'a str> {
    words(text).filter(|word| names.contains(word)).collect()
}

fn names() -> BTreeSet<&'static str> {
    NAMES.split_whitespace().collect()
}

#[test]
fn interface_names_stay_in_wire() {
    let names = names();
    let mut strays = Vec::new();
    for file in house::production_files(&["src", "drivers"]) {
        if !MAY_KNOW.iter().any(|folder| file.is_under(folder)) {
            strays.extend(
                known(&without_tests(&file.text), &names)
                    .into_iter()
                    .map(|name| format!("{}: {name}", file.path)),
            );
        }
    }
    assert_eq!(strays, Vec::<String>::new());
}

/// A list that no longer fits the interface would let everything pass.
#[test]
fn the_list_is_the_one_wire_speaks() {
    let names = names();
    let sources = house::files(&["src/wire"], "rs");
    let spoken: BTreeSet<&str> = sources
        .iter()
        .flat_map(|file| known(&file.text, &names))
        .collect();
    let silent: Vec<&&str> = names.difference(&spoken).collect();
    assert!(spoken.len() * 3 >= names.len() * 2, "wire never says {silent:?}");
}

#[test]
fn a_stray_name_is_seen() {
    let text = "/// Total (`medfee_sumamt`).\nlet x = reply[\"psn_no\"]; let psn_no_more = 1;";
    assert_eq!(known(text, &names()), BTreeSet::from(["medfee_sumamt", "psn_no"]));
}
