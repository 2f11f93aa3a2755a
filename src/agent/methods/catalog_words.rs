//! What is wrong with a fee line by the catalogue, in words for the cashier and for the engineer.

use zhijie_catalogue::{Complaint, Problem};
use zhijie_desk::api::{CatalogCheckLine, CatalogProblem, CatalogProblemKind};

pub(super) fn problem_view(complaint: &Complaint, line: &CatalogCheckLine) -> CatalogProblem {
    let (own, national) = (&line.own_code, &line.national_code);
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let (kind, text_zh, text_en) = match &complaint.problem {
        Problem::Unmapped => (
            CatalogProblemKind::Unmapped,
            format!("院内编码{own}没有做医保目录对照，上传会被拒绝或按全自费处理，请先对照"),
            format!("own code {own} is not mapped"),
        ),
        Problem::MappedElsewhere { national_code } => (
            CatalogProblemKind::MappedElsewhere,
            format!("院内编码{own}已对照到{national_code}，与单据上的{national}不一致，请核对"),
            format!("own code {own} is mapped to {national_code}"),
        ),
        Problem::Unknown => (
            CatalogProblemKind::Unknown,
            format!("医保目录中没有编码{national}，请核对"),
            format!("national code {national} stands in no list"),
        ),
        Problem::Withdrawn => (
            CatalogProblemKind::Withdrawn,
            format!("编码{national}已停用，请换用有效编码"),
            format!("national code {national} was withdrawn"),
        ),
        Problem::Ended { until } => (
            CatalogProblemKind::Ended,
            format!("编码{national}已于{}失效，请换用有效编码", day(*until)),
            format!("national code {national} ended on {}", day(*until)),
        ),
        Problem::NotYet { from } => (
            CatalogProblemKind::NotYet,
            format!("编码{national}自{}起才生效，请核对日期", day(*from)),
            format!("national code {national} begins on {}", day(*from)),
        ),
        Problem::OwnExpense => (
            CatalogProblemKind::OwnExpense,
            String::from("就医地医保目录不包含此项，按全自费处理，请事先告知患者"),
            format!("{national} is not covered at the treatment place"),
        ),
        Problem::AboveCeiling { ceiling } => (
            CatalogProblemKind::AboveCeiling,
            format!(
                "单价{}元超过医保限价{ceiling}元，超出部分由患者自付，请事先告知",
                line.unit_price
            ),
            format!("unit price {} is above the ceiling {ceiling}", line.unit_price),
        ),
        Problem::OtherClass { class } => (
            CatalogProblemKind::OtherClass,
            format!("就医地目录中此项为{}，与单据不一致，请核对", class_zh(class)),
            format!("the catalogue says class {class}"),
        ),
    };
    CatalogProblem {
        kind,
        at_stake_fen: complaint.at_stake.get(),
        text_zh,
        text_en,
    }
}

fn class_zh(class: &str) -> &str {
    match class {
        "01" => "甲类",
        "02" => "乙类",
        "03" => "自费",
        other => other,
    }
}
