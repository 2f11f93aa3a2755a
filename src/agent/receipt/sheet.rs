//! What stands on a sheet, in which order and in which words; the two printed forms differ only in looks.

use jiff::civil::DateTime;
use zhijie_model::SplitError;

use super::amounts::amounts;
use super::{Receipt, ReceiptLine, SettledPart, Standing};

/// Chinese with its English beside it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    pub(super) chinese: &'static str,
    pub(super) english: &'static str,
}

pub(super) const fn words(chinese: &'static str, english: &'static str) -> Words {
    Words { chinese, english }
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) label: Words,
    pub(super) value: String,
    /// A part of the row above that is not indented.
    pub(super) part: bool,
    pub(super) strong: bool,
}

#[derive(Debug)]
pub(super) struct Item {
    pub(super) name: String,
    pub(super) class: String,
    pub(super) quantity: String,
    pub(super) unit_price: String,
    pub(super) amount: String,
    pub(super) own_part: Option<String>,
}

#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) title: Words,
    /// Stands above and below everything else of a sheet that proves no payment.
    pub(super) banner: Option<Words>,
    pub(super) head: String,
    pub(super) about: Vec<Row>,
    pub(super) items: Vec<Item>,
    pub(super) amounts: Vec<Row>,
    pub(super) references: Vec<Row>,
    pub(super) notes: Vec<String>,
}

impl Sheet {
    pub(super) fn new(receipt: &Receipt) -> Self {
        let (title, banner) = title(&receipt.standing);
        Self {
            title,
            banner,
            head: clean(&format!("{} {}", receipt.institution_name, receipt.institution)),
            about: about(receipt),
            items: receipt.lines.iter().map(item).collect(),
            amounts: amounts(&receipt.standing),
            references: references(receipt),
            notes: notes(&receipt.standing),
        }
    }
}

/// Text from outside without anything that could steer a printer or turn the reading direction.
pub(super) fn clean(text: &str) -> String {
    let invisible = |c: char| {
        matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}')
            || ('\u{200b}'..='\u{200f}').contains(&c)
            || ('\u{2028}'..='\u{202e}').contains(&c)
            || ('\u{2060}'..='\u{206f}').contains(&c)
    };
    let visible = text.chars().filter(|c| !invisible(*c));
    let plain: String = visible.map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.trim().to_owned()
}

/// The first six and the last four characters; texts shorter than a citizen number show nothing.
pub(super) fn masked(text: &str) -> String {
    let text = clean(text);
    let length = text.chars().count();
    let shown = |at: usize| length >= 15 && (at < 6 || at + 4 >= length);
    text.chars()
        .enumerate()
        .map(|(at, c)| if shown(at) { c } else { '*' })
        .collect()
}

pub(super) fn civil(at: DateTime) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

const fn title(standing: &Standing) -> (Words, Option<Words>) {
    match standing {
        Standing::Settled(_) => (words("医保结算单", "Settlement sheet"), None),
        Standing::Refunded { .. } => (words("医保退费单", "Refund sheet"), None),
        Standing::RefundNotKnown { .. } => (
            words("退费状态通知（非凭证）", "Refund notice, not a receipt"),
            Some(words(
                "退费结果未知，请勿退款",
                "REFUND NOT KNOWN - HAND NO CASH BACK",
            )),
        ),
        Standing::NotKnown { .. } => (
            words("结算状态通知（非凭证）", "Notice, not a receipt"),
            Some(words("结算结果未知，请勿收款", "NOT KNOWN YET - TAKE NO CASH")),
        ),
        Standing::NotSettled => (
            words("未结算通知（非凭证）", "Notice, not a receipt"),
            Some(words("未结算，请勿收款", "NOT SETTLED - TAKE NO CASH")),
        ),
    }
}

pub(super) fn row(label: Words, value: impl AsRef<str>) -> Row {
    Row {
        label,
        value: clean(value.as_ref()),
        part: false,
        strong: false,
    }
}

pub(super) fn part(label: Words, value: impl AsRef<str>) -> Row {
    Row {
        part: true,
        ..row(label, value)
    }
}

pub(super) fn strong(label: Words, value: impl AsRef<str>) -> Row {
    Row {
        strong: true,
        ..row(label, value)
    }
}

fn about(receipt: &Receipt) -> Vec<Row> {
    let insured = format!("{} {}", receipt.insured_area_name, receipt.insured_area);
    let mut rows = vec![
        row(words("收费台", "Desk"), &receipt.desk),
        row(words("患者", "Patient"), receipt.patient.reveal()),
        row(
            words("证件号", "Certificate"),
            masked(receipt.certificate.reveal()),
        ),
        row(words("参保地", "Insured in"), insured),
        row(words("就诊号", "Visit"), receipt.visit.as_str()),
        row(words("收费批次", "Batch"), receipt.batch.as_str()),
        row(words("科室", "Department"), &receipt.department),
        row(words("医生", "Doctor"), &receipt.doctor),
    ];
    if let Some(filing) = &receipt.filing {
        rows.push(row(words("异地备案", "Filing"), &filing.answer));
    }
    rows
}

fn item(line: &ReceiptLine) -> Item {
    let class = match line.class.as_deref() {
        Some("01") => String::from("甲类"),
        Some("02") => String::from("乙类"),
        Some("03") => String::from("自费"),
        Some(other) => clean(other),
        None => String::new(),
    };
    Item {
        name: clean(&line.name),
        class,
        quantity: line.quantity.to_string(),
        unit_price: price(&line.unit_price.to_string()),
        amount: line.amount.to_string(),
        own_part: line.own_part.map(|own| own.to_string()),
    }
}

/// A price with at least two decimal places.
fn price(text: &str) -> String {
    match text.split_once('.') {
        Some((_, places)) if places.len() >= 2 => text.to_owned(),
        Some(_) => format!("{text}0"),
        None => format!("{text}.00"),
    }
}

fn references(receipt: &Receipt) -> Vec<Row> {
    let mut rows = match &receipt.standing {
        Standing::Settled(settled) => settled_references(settled),
        Standing::Refunded { settled, refund } => {
            let mut rows = vec![
                row(words("退费结算号", "Refund"), refund.settlement.as_str()),
                row(words("退费时间", "Refunded at"), civil(refund.refunded_at)),
                row(words("退费报文号", "Refund message"), refund.message.as_str()),
            ];
            if let Some(id) = &refund.platform_message {
                rows.push(row(words("平台退费报文号", "Platform refund"), id.as_str()));
            }
            rows.extend(settled_references(settled));
            rows
        }
        Standing::RefundNotKnown { settlement, ticket } => {
            let mut rows = vec![row(words("待退结算号", "Asked to refund"), settlement.as_str())];
            rows.extend(
                ticket
                    .iter()
                    .map(|ticket| row(words("查询号", "Ticket"), ticket.as_str())),
            );
            rows
        }
        Standing::NotKnown { ticket } => ticket
            .iter()
            .map(|ticket| row(words("查询号", "Ticket"), ticket.as_str()))
            .collect(),
        Standing::NotSettled => Vec::new(),
    };
    if let Some(filing) = &receipt.filing {
        let seen = filing
            .seen
            .iter()
            .map(|seen| row(words("备案依据", "Filing seen"), seen));
        rows.extend(seen);
        let digest = filing.digest.iter();
        rows.extend(digest.map(|digest| row(words("备案摘要", "Filing digest"), digest)));
    }
    rows.extend(
        receipt
            .ledger_head
            .iter()
            .map(|head| row(words("账本摘要", "Ledger"), head)),
    );
    rows
}

fn settled_references(settled: &SettledPart) -> Vec<Row> {
    let mut rows = vec![
        row(words("结算号", "Settlement"), settled.settlement.as_str()),
        row(words("结算时间", "Settled at"), civil(settled.settled_at)),
        row(words("报文号", "Message"), settled.message.as_str()),
    ];
    if let Some(id) = &settled.platform_message {
        rows.push(row(words("平台报文号", "Platform message"), id.as_str()));
    }
    rows
}

fn notes(standing: &Standing) -> Vec<String> {
    let told = match standing {
        Standing::Settled(settled) => {
            let mut told =
                vec!["金额单位：元。金额由医保平台返回。Amounts in yuan, as the platform returned them."];
            if settled.split.warnings().contains(&SplitError::I4) {
                told.push("各基金明细与合计不符，以合计为准。The funds listed do not add up to their total.");
            }
            if settled.split.warnings().contains(&SplitError::I1) {
                told.push("费用构成与总额不符，以总额为准。The parts listed do not add up to the total.");
            }
            told
        }
        Standing::Refunded { .. } => {
            vec![
                "本次结算已全部退费，原结算单作废。Refunded in full; the first sheet is void. 金额单位：元。",
            ]
        }
        Standing::RefundNotKnown { .. } => {
            vec![
                "请勿退款，请勿再次退费或结算；系统正在查明结果，查明后重新打印。Wait; this sheet proves nothing.",
            ]
        }
        Standing::NotKnown { .. } => {
            vec!["请勿收款，请勿再次结算；系统正在查明结果，查明后重新打印。Wait; this sheet proves nothing."]
        }
        Standing::NotSettled => {
            vec!["本单未经医保结算，不作为付款或报销凭证。Nothing was settled; this sheet proves nothing."]
        }
    };
    told.into_iter().map(String::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_masked() {
        let table = [
            ("341200199001010012", "341200********0012"),
            ("E12345678", "*********"),
            ("", ""),
            ("110101900101001", "110101*****1001"),
        ];
        for (text, shown) in table {
            assert_eq!(masked(text), shown);
        }
    }

    #[test]
    fn nothing_steers_the_printer() {
        assert_eq!(clean(" a\u{1b}@\nb\u{202e}c\u{200b} "), "a @ bc");
    }

    #[test]
    fn prices_show_the_fen() {
        for (text, shown) in [("25", "25.00"), ("243.5", "243.50"), ("0.005", "0.005")] {
            assert_eq!(price(text), shown);
        }
    }
}
