//! Transaction numbers and the paths they are sent to (interface reference, list of transactions and URL shapes).

use zhijie_model::{CatalogueList, CheckStage, SheetKind, Transaction};

use crate::message::EncodeError;
use crate::profile::{ChronicQuery, Variant, Variants};
use crate::profile_dress::{UrlFamily, UrlRule};

/// The transaction number with the variant this province takes.
pub(crate) const fn infno(transaction: Transaction, variants: Variants) -> &'static str {
    match transaction {
        Transaction::SignIn => "9001",
        Transaction::SignOut => "9002",
        Transaction::PersonLookup => "1101",
        Transaction::BenefitCheck => "2001",
        Transaction::VoucherDecode => "1162",
        Transaction::TryPurchase => "2101",
        Transaction::Purchase => "2102",
        Transaction::CancelPurchase => "2103",
        Transaction::Register => "2201",
        Transaction::WithdrawVisit => "2202",
        Transaction::Describe => match variants.describe {
            Variant::Plain => "2203",
            Variant::A => "2203A",
        },
        Transaction::Upload => "2204",
        Transaction::WithdrawLines => "2205",
        Transaction::Trial => match variants.trial {
            Variant::Plain => "2206",
            Variant::A => "2206A",
        },
        Transaction::Settle => match variants.settle {
            Variant::Plain => "2207",
            Variant::A => "2207A",
        },
        Transaction::Cancel => "2208",
        Transaction::TrySlip | Transaction::SettleSlip => "2260",
        Transaction::CancelSlip => "2261",
        Transaction::Reverse => "2601",
        Transaction::QueryVisit => "5201",
        Transaction::QuerySettlement => "5203",
        Transaction::QueryTotals => "5206",
        Transaction::QueryChronic => match variants.chronic {
            ChronicQuery::Register => "5301",
            ChronicQuery::Detail => "1160",
        },
        Transaction::QueryFixedPoints => "5302",
        Transaction::QueryReferrals => "5304",
        Transaction::QueryApprovals => "5360",
        Transaction::FindInstitution => "1201",
        Transaction::QueryDictionary => "1901",
        Transaction::QueryDiagnoses => "5202",
        Transaction::QueryLines => "5204",
        Transaction::QueryDispensed => "5205",
        Transaction::FetchSheet(kind) => match kind {
            SheetKind::Home => "5265",
            SheetKind::VisitElsewhere => "5269",
            SheetKind::StayElsewhere => "5270",
            SheetKind::Any => "5260",
        },
        Transaction::CheckBill(CheckStage::Before) => "3101",
        Transaction::CheckBill(CheckStage::During) => "3102",
        Transaction::AnswerCheck => "3103",
        Transaction::CompareTotals => "3201",
        Transaction::CompareRows => "3202",
        Transaction::Catalogue(list) => catalogue(list),
        Transaction::MapItem => "3301",
        Transaction::WithdrawMapping => "3302",
        Transaction::UploadFile => "9101",
        Transaction::FetchFile => "9102",
        Transaction::Refer => match variants.refer {
            Variant::Plain => "2501",
            Variant::A => "2501A",
        },
        Transaction::WithdrawReferral => "2502",
        Transaction::RegisterChronic => "2503",
        Transaction::WithdrawChronic => "2504",
        Transaction::FixPlace => "2505",
        Transaction::WithdrawFixedPlace => "2506",
        Transaction::Admit => "2401",
        Transaction::Discharge => "2402",
        Transaction::ChangeStay => "2403",
        Transaction::WithdrawAdmission => "2404",
        Transaction::WithdrawDischarge => "2405",
        Transaction::ChargeStay => "2301",
        Transaction::WithdrawCharges => "2302",
        Transaction::TryStay => match variants.try_stay {
            Variant::Plain => "2303",
            Variant::A => "2303A",
        },
        Transaction::SettleStay => match variants.settle_stay {
            Variant::Plain => "2304",
            Variant::A => "2304A",
        },
        Transaction::CancelStay => "2305",
        Transaction::QueryInHospital => "5303",
    }
}

const fn catalogue(list: CatalogueList) -> &'static str {
    match list {
        CatalogueList::Drugs => "1301",
        CatalogueList::HerbPieces => "1302",
        CatalogueList::Preparations => "1303",
        CatalogueList::EthnicDrugs => "1304",
        CatalogueList::Services => "1305",
        CatalogueList::Consumables => "1306",
        CatalogueList::Diagnoses => "1307",
        CatalogueList::Operations => "1308",
        CatalogueList::ChronicDiseases => "1309",
        CatalogueList::CaseDiseases => "1310",
        CatalogueList::DaySurgeries => "1311",
        CatalogueList::Covered => "1312",
        CatalogueList::Tumours => "1313",
        CatalogueList::ChineseDiseases => "1314",
        CatalogueList::ChineseSyndromes => "1315",
        CatalogueList::Matches => "1316",
        CatalogueList::Mappings => "1317",
        CatalogueList::Ceilings => "1318",
        CatalogueList::FirstOwn => "1319",
        CatalogueList::HerbGranules => "1320",
        CatalogueList::NewServices => "1321",
    }
}

/// Path below the base URL.
pub(crate) fn path(infno: &'static str, rule: &UrlRule) -> Result<String, EncodeError> {
    match rule.family {
        UrlFamily::Single | UrlFamily::Bus => Ok(rule.base_path.clone()),
        UrlFamily::Suffix => {
            let behind = rule.paths.get(infno).map_or(infno, String::as_str);
            Ok(format!("{}-{behind}", rule.base_path))
        }
        UrlFamily::FsiTable => {
            let below = rule
                .paths
                .get(infno)
                .map(String::as_str)
                .or_else(|| service(infno))
                .ok_or(EncodeError::NoPath(infno))?;
            Ok(format!("{}/{below}", rule.base_path))
        }
    }
}

/// What a bus knows a transaction by.
pub(crate) fn api(infno: &str, rule: &UrlRule) -> Option<String> {
    match rule.family {
        UrlFamily::Bus => rule.paths.get(infno).or(rule.api.as_ref()).cloned(),
        UrlFamily::Single | UrlFamily::FsiTable | UrlFamily::Suffix => None,
    }
}

/// Service and method; the misspellings are the interface's own. 1320, 1321, 3103, 3302, 5201, 5202, 5205, 5260, 5265, 5269, 5270, 5302, 5304, 5360 and the filings
/// stand in no table that was read, and the method of 2207A differs between provinces: a profile names them.
fn service(infno: &str) -> Option<&'static str> {
    Some(match infno {
        "9001" => "signInSignOutService/signIn",
        "9002" => "signInSignOutService/signOut",
        "3101" => "riskConService/beforeAnalyze",
        "3102" => "riskConService/courseAnalyze",
        "3201" => "ybSettlementStmtService/stmtTotal",
        "3202" => "ybSettlementStmtService/stmtDetail",
        "9101" => "fileupload/upload",
        "9102" => "fileupload/download",
        "1101" => "fsiPsnInfoService/queryPsnInfo",
        "1162" => "hsecfc/localQrCodeQuery",
        "1201" => "fsiFixMedInsService/queryFixMedIns",
        "1901" => "catalogqueryservice/queryDataDic",
        "2001" => "fsiPsnPriorityInfoService/queryPsnPriorityInfo",
        "1301" => "catalogdownservice/downCatalog1301",
        "1302" => "catalogdownservice/downCatalog1302",
        "1303" => "catalogdownservice/downCatalog1303",
        "1304" => "catalogqueryservice/queryNatyPreparedByPage",
        "1305" => "catalogdownservice/downCatalog1305",
        "1306" => "catalogdownservice/downCatalog1306",
        "1307" => "catalogdownservice/downCatalog1307",
        "1308" => "catalogdownservice/downCatalog1308",
        "1309" => "catalogdownservice/downCatalog1309",
        "1310" => "catalogdownservice/downCatalog1310",
        "1311" => "catalogdownservice/downCatalog1311",
        "1312" => "catalogqueryservice/queryHilist",
        "1313" => "catalogdownservice/downCatalog1313",
        "1314" => "catalogdownservice/downCatalog1314",
        "1315" => "catalogdownservice/downCatalog1315",
        "1316" => "catalogqueryservice/queryMedinsHilistMapByPage",
        "1317" => "catalogqueryservice/queryMedListMapByPage",
        "1318" => "catalogqueryservice/queryLmtprcByPage",
        "1319" => "catalogqueryservice/querySelfpayByPage",
        "3301" => "catalogCompService/catalogCompUp",
        "2201" => "outpatientDocInfoService/outpatientRregistration",
        "2202" => "outpatientDocInfoService/outpatientRegistrationCancel",
        "2203" => "outpatientDocInfoService/outpatientMdtrtinfoUp",
        "2203A" => "outpatientDocInfoService/outpatientMdtrtinfoUpA",
        "2204" => "outpatientDocInfoService/outpatientFeeListUp",
        "2205" => "outpatientDocInfoService/outpatientFeeListUpCancel",
        "2206" => "outpatientSettleService/preSettletment",
        "2206A" => "outpatientSettleService/preSettletmentA",
        "2207" => "outpatientSettleService/saveSettletmentV2",
        "2207A" => "outpatientSettleService/saveSettletment",
        "2208" => "outpatientSettleService/cancleSettletment",
        "2301" => "hospFeeDtlService/feeDtlUp",
        "2302" => "hospFeeDtlService/feeDtlCl",
        "2303" => "hospSettService/preSett",
        "2303A" => "hospSettService/preSettA",
        "2304" => "hospSettService/settV2",
        "2304A" => "hospSettService/settA",
        "2305" => "hospSettService/settCl",
        "2401" => "hospitalRegisterService/hospitalRegisterSave",
        "2402" => "dscgService/dischargeProcess",
        "2403" => "hospitalRegisterService/hospitalRegisterEdit",
        "2404" => "hospitalRegisterService/hospitalRegisterCancel",
        "2405" => "dscgService/dischargeUndo",
        "2601" => "reverseService/revsMethod",
        "5203" => "fsiIntegratedQueryService/querySetlInfo",
        "5204" => "fsiIntegratedQueryService/queryFeeList",
        "5301" => "fsiIntegratedQueryService/queryPsnOpspReg",
        "5303" => "fsiIntegratedQueryService/queryInhospInfo",
        _ => return None,
    })
}
