//! The addresses: one for every transaction, and one each by service and method (misspellings are the interface's).
//! Those of 3103, 3302, 2101 to 2103, 2501 to 2506, 5201, 5202, 5205, 5260, 5265, 5269, 5270, 5302, 5304 and 5360 were read nowhere: they are the sandbox's own.

/// The address that takes every transaction.
pub(crate) const SINGLE: &str = "/fsi/api/callService";

const TABLE: &[(&str, &str)] = &[
    ("9001", "signInSignOutService/signIn"),
    ("9002", "signInSignOutService/signOut"),
    ("9102", "fileupload/download"),
    ("1101", "fsiPsnInfoService/queryPsnInfo"),
    ("1201", "fsiFixMedInsService/queryFixMedIns"),
    ("1901", "catalogqueryservice/queryDataDic"),
    ("1301", "catalogdownservice/downCatalog1301"),
    ("1302", "catalogdownservice/downCatalog1302"),
    ("1303", "catalogdownservice/downCatalog1303"),
    ("1304", "catalogqueryservice/queryNatyPreparedByPage"),
    ("1305", "catalogdownservice/downCatalog1305"),
    ("1306", "catalogdownservice/downCatalog1306"),
    ("1307", "catalogdownservice/downCatalog1307"),
    ("1308", "catalogdownservice/downCatalog1308"),
    ("1309", "catalogdownservice/downCatalog1309"),
    ("1310", "catalogdownservice/downCatalog1310"),
    ("1311", "catalogdownservice/downCatalog1311"),
    ("1312", "catalogqueryservice/queryHilist"),
    ("1313", "catalogdownservice/downCatalog1313"),
    ("1314", "catalogdownservice/downCatalog1314"),
    ("1315", "catalogdownservice/downCatalog1315"),
    ("1316", "catalogqueryservice/queryMedinsHilistMapByPage"),
    ("1317", "catalogqueryservice/queryMedListMapByPage"),
    ("1318", "catalogqueryservice/queryLmtprcByPage"),
    ("1319", "catalogqueryservice/querySelfpayByPage"),
    ("3301", "catalogCompService/catalogCompUp"),
    ("3302", "catalogCompService/catalogCompCancel"),
    ("1162", "hsecfc/localQrCodeQuery"),
    ("2001", "fsiPsnPriorityInfoService/queryPsnPriorityInfo"),
    ("2101", "drugstoreService/preSettle"),
    ("2102", "drugstoreService/settle"),
    ("2103", "drugstoreService/settleCancel"),
    ("2201", "outpatientDocInfoService/outpatientRregistration"),
    ("2202", "outpatientDocInfoService/outpatientRegistrationCancel"),
    ("2203", "outpatientDocInfoService/outpatientMdtrtinfoUp"),
    ("2203A", "outpatientDocInfoService/outpatientMdtrtinfoUpA"),
    ("2204", "outpatientDocInfoService/outpatientFeeListUp"),
    ("2205", "outpatientDocInfoService/outpatientFeeListUpCancel"),
    ("2206", "outpatientSettleService/preSettletment"),
    ("2206A", "outpatientSettleService/preSettletmentA"),
    ("2207", "outpatientSettleService/saveSettletmentV2"),
    ("2207A", "outpatientSettleService/saveSettletment"),
    ("2207A", "outpatientSettleService/saveSettletmentA"),
    ("2208", "outpatientSettleService/cancleSettletment"),
    ("2301", "hospFeeDtlService/feeDtlUp"),
    ("2302", "hospFeeDtlService/feeDtlCl"),
    ("2303", "hospSettService/preSett"),
    ("2303A", "hospSettService/preSettA"),
    ("2304", "hospSettService/settV2"),
    ("2304A", "hospSettService/settA"),
    ("2305", "hospSettService/settCl"),
    ("2401", "hospitalRegisterService/hospitalRegisterSave"),
    ("2402", "dscgService/dischargeProcess"),
    ("2403", "hospitalRegisterService/hospitalRegisterEdit"),
    ("2404", "hospitalRegisterService/hospitalRegisterCancel"),
    ("2405", "dscgService/dischargeUndo"),
    ("2501", "referralService/referral"),
    ("2501A", "referralService/referralA"),
    ("2502", "referralService/referralCancel"),
    ("2503", "filingService/chronicDisease"),
    ("2504", "filingService/chronicDiseaseCancel"),
    ("2505", "filingService/fixedPlace"),
    ("2506", "filingService/fixedPlaceCancel"),
    ("2601", "reverseService/revsMethod"),
    ("3101", "riskConService/beforeAnalyze"),
    ("3102", "riskConService/courseAnalyze"),
    ("3201", "ybSettlementStmtService/stmtTotal"),
    ("3202", "ybSettlementStmtService/stmtDetail"),
    ("5201", "fsiIntegratedQueryService/queryMdtrtInfo"),
    ("5202", "fsiIntegratedQueryService/queryDiseInfo"),
    ("5203", "fsiIntegratedQueryService/querySetlInfo"),
    ("5204", "fsiIntegratedQueryService/queryFeeList"),
    ("5205", "fsiIntegratedQueryService/queryDispensed"),
    ("5260", "sheetService/sheet"),
    ("5265", "sheetService/sheetHome"),
    ("5269", "sheetService/sheetVisit"),
    ("5270", "sheetService/sheetStay"),
    ("3103", "riskConService/feedback"),
    ("5301", "fsiIntegratedQueryService/queryPsnOpspReg"),
    ("5302", "fsiIntegratedQueryService/queryPsnFixmedins"),
    ("5303", "fsiIntegratedQueryService/queryInhospInfo"),
    ("5304", "fsiIntegratedQueryService/queryReferral"),
    ("5360", "fsiIntegratedQueryService/queryApprovals"),
];

/// The transactions that a service and method takes.
pub(crate) fn taken_at(method: &str) -> Vec<String> {
    let known = TABLE.iter().filter(|(_, known)| *known == method);
    known.map(|(infno, _)| String::from(*infno)).collect()
}

#[cfg(test)]
mod tests {
    use crate::dress::Address;

    #[test]
    fn an_address_takes_its_own_transaction() {
        let table = [
            ("/fsi/api/callService", "2207", true),
            ("/fsi/api/outpatientSettleService/saveSettletmentA", "2207A", true),
            ("/fsi/api/outpatientSettleService/saveSettletment", "2207A", true),
            ("/fsi/api/outpatientSettleService/saveSettletment", "2207", false),
            ("/fsi/api/reverseService/revsMethod", "2601", true),
        ];
        for (path, infno, takes) in table {
            assert_eq!(
                Address::plain(path).unwrap().takes(infno),
                takes,
                "{path} {infno}"
            );
        }
        assert_eq!(Address::plain("/fsi/api/x/y"), None);
        assert_eq!(Address::plain("/"), None);
    }
}
