//! Faults of card, reader and scanner.

use zhijie_model::Fault;
use zhijie_ports::{CodeKind, DeviceFault, MediumFault, ModuleLack};

use super::{
    AGENT_001, AGENT_002, CARD_001, CARD_002, CARD_003, CARD_004, CARD_005, CARD_006, CARD_007, CARD_008,
    CARD_009, CARD_010, CARD_011, CARD_012, CARD_013, CARD_014, CARD_015, CARD_016, CARD_017, CARD_018,
    CARD_019, CARD_020, CARD_021, CARD_022, CARD_023, CARD_024, CARD_025, CARD_026, CARD_027, CARD_028,
    CARD_029, CARD_030, DESK_001, DESK_002, DESK_003, Entry, GATE_015, SCAN_001, SCAN_002, SCAN_003,
    SCAN_004, SCAN_005, SCAN_006, SCAN_007, SCAN_008, SCAN_009, SCAN_010, SCAN_011, fault,
};

/// The fault of a failed read. No money ever moves here.
#[must_use]
pub fn of_device(cause: &DeviceFault, marker: &str) -> Fault {
    let mut made = fault(entry(cause), &cause.to_string(), None, marker);
    match cause {
        DeviceFault::NotSocialSecurityCard { kind } => {
            made.cashier = format!("这是{}，不是社会保障卡，请插入社会保障卡", kind.title());
        }
        DeviceFault::NotAVoucher { kind } => made.cashier = not_a_voucher(*kind),
        DeviceFault::CardExpired { valid_until } => {
            made.cashier =
                format!("这张社会保障卡有效期至{valid_until}，已过期，请患者到发卡机构换卡；可改用医保码");
        }
        DeviceFault::PinWrong { left } => {
            made.cashier =
                format!("卡密码错误，还可以再试{left}次，没有继续。请患者确认密码后再试，不要反复尝试");
        }
        DeviceFault::NeedsSecurityModule {
            region,
            version,
            valid_until,
        } => {
            let until = valid_until.map_or_else(String::new, |last| format!("，有效期至{last}"));
            made.cashier = format!(
                "这是社会保障卡（版本{version}，发卡地区{region}{until}），个人信息须用安全模块或密钥服务读取，本机没有，请改用医保码"
            );
        }
        DeviceFault::ReaderBusy { by } if !by.is_empty() => {
            made.cashier = format!(
                "读卡器正被其他程序占用（可能是：{}），请关闭后再试",
                by.join("、")
            );
        }
        DeviceFault::VendorRefused { said: Some(said), .. }
        | DeviceFault::KeyServiceRefused { said: Some(said) } => {
            made.platform_text = Some(String::from(said.reveal()));
        }
        _ => {}
    }
    made
}

/// The fault of a control that gave no card. Carries nothing about a person.
#[must_use]
pub fn of_medium(cause: &MediumFault, marker: &str) -> Fault {
    let entry = match cause {
        MediumFault::NoMedium => &CARD_002,
        MediumFault::NoControl | MediumFault::Silent | MediumFault::Garbled | MediumFault::Refused => {
            &GATE_015
        }
    };
    fault(entry, &cause.to_string(), None, marker)
}

/// The fault of a library that scans e-vouchers. No money ever moves here.
#[must_use]
pub fn of_voucher_library(cause: &DeviceFault, marker: &str) -> Fault {
    let (entry, said) = match cause {
        DeviceFault::VendorUnusable { .. } => (&SCAN_009, None),
        DeviceFault::VendorOverran | DeviceFault::VendorCrashed | DeviceFault::VendorSilent => {
            (&SCAN_010, None)
        }
        DeviceFault::VendorRefused { said, .. } => (&SCAN_011, said.as_ref()),
        DeviceFault::VendorGarbled { .. } => (&SCAN_011, None),
        other => return of_device(other, marker),
    };
    let mut made = fault(entry, &cause.to_string(), None, marker);
    made.platform_text = said.map(|said| String::from(said.reveal()));
    made
}

fn not_a_voucher(kind: CodeKind) -> String {
    let advice = match kind {
        CodeKind::CitizenId => "这是身份证号码，请打开医保码后重新扫码，或改用证件号登记",
        _ if kind.is_payment() => "这是付款码，不是医保码，没有扣款。请患者打开医保码后重新扫码",
        _ => return format!("扫到的是{}，不是医保码，请患者打开医保码后重新扫码", kind.title()),
    };
    String::from(advice)
}

const fn entry(cause: &DeviceFault) -> &'static Entry {
    match cause {
        DeviceFault::NoReader => &CARD_001,
        DeviceFault::NoCard => &CARD_002,
        DeviceFault::CardRemoved => &CARD_003,
        DeviceFault::CardMute => &CARD_004,
        DeviceFault::NotSocialSecurityCard { .. } => &CARD_005,
        DeviceFault::CardLocked => &CARD_006,
        DeviceFault::CardExpired { .. } => &CARD_007,
        DeviceFault::RecordMissing { .. } => &CARD_008,
        DeviceFault::RecordGarbled { .. } => &CARD_009,
        DeviceFault::NeedsSecurityModule { .. } => &CARD_010,
        DeviceFault::SecurityModule {
            lack: ModuleLack::Module,
        } => &CARD_010,
        DeviceFault::SecurityModule { .. } => &CARD_017,
        DeviceFault::CardNotGenuine => &CARD_018,
        DeviceFault::KeyServiceSilent => &CARD_026,
        DeviceFault::KeyServiceRefused { .. } | DeviceFault::KeyServiceGarbled => &CARD_027,
        DeviceFault::ProofRefused { .. } => &CARD_028,
        DeviceFault::ReadKeyBlocked => &CARD_029,
        DeviceFault::PinWrong { .. } => &CARD_019,
        DeviceFault::PinBlocked => &CARD_020,
        DeviceFault::PinNotGiven | DeviceFault::PinMalformed => &CARD_021,
        DeviceFault::NoKeyPad => &CARD_030,
        DeviceFault::VendorUnusable { .. } => &CARD_022,
        DeviceFault::VendorRefused { .. } => &CARD_023,
        DeviceFault::VendorGarbled { .. } => &CARD_024,
        DeviceFault::VendorOverran | DeviceFault::VendorCrashed | DeviceFault::VendorSilent => &CARD_025,
        DeviceFault::CardRefused { .. } => &CARD_011,
        DeviceFault::ReaderBusy { .. } => &CARD_012,
        DeviceFault::ReaderSilent => &CARD_013,
        DeviceFault::ReaderFailed { .. } => &CARD_014,
        DeviceFault::CardServiceDown => &CARD_015,
        DeviceFault::CardServiceForbidden => &CARD_016,
        DeviceFault::ScannerForbidden => &SCAN_006,
        DeviceFault::ScannerAmbiguous => &SCAN_007,
        DeviceFault::ScannerNotSerial => &SCAN_008,
        DeviceFault::NoScanner => &SCAN_001,
        DeviceFault::ScannerUnplugged => &SCAN_002,
        DeviceFault::ScannerBusy => &SCAN_003,
        DeviceFault::NotAVoucher { .. } => &SCAN_004,
        DeviceFault::CodeUnreadable => &SCAN_005,
        DeviceFault::Cancelled => &DESK_001,
        DeviceFault::TimedOut => &DESK_002,
        DeviceFault::ReadInProgress => &DESK_003,
        DeviceFault::HelperDown => &AGENT_001,
        DeviceFault::HelperProtocol => &AGENT_002,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vendor_library_speaks_for_itself() {
        let cause = DeviceFault::VendorRefused {
            code: -13,
            said: Some(zhijie_model::Private::new("不支持")),
        };
        let made = of_device(&cause, "m");
        assert_eq!(
            (made.code.as_str(), made.platform_text.as_deref()),
            ("CARD-023", Some("不支持"))
        );
        assert!(
            made.engineer.contains("-13: the reader does not support this"),
            "{}",
            made.engineer
        );
        assert!(!made.engineer.contains("不支持"));
    }

    #[test]
    fn a_payment_code_is_named_as_one() {
        let cause = DeviceFault::NotAVoucher {
            kind: CodeKind::WeChatPay,
        };
        let made = of_device(&cause, "m");
        assert_eq!(made.code, "SCAN-004");
        assert!(made.cashier.contains("付款码"));
    }
}
