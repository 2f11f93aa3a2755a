//! An e-voucher, lookups that concern no bill, the catalogue, and bills held against the rules. Nothing moves.

use zhijie_model::{CatalogueList, InstitutionKind, MappingCall, MappingReply, OwnMapping};
use zhijie_wire::{
    BillToCheck, Counter, FileTicket, VoucherRoad, VoucherUse, ZipLimits, ZipText, draft_mapping,
    read_mapping,
};

use super::*;

impl Run<'_> {
    pub(super) async fn voucher(&mut self) -> Done {
        if self.line.profile.voucher.road == VoucherRoad::Library {
            return Err(none("由本机解码库解码 a library on the PC decodes"));
        }
        let Some(code) = self.case.voucher_code.clone() else {
            return Err(none("案例未写 voucher_code not in the case"));
        };
        let department = &self.case.visit.department;
        let inquiry = Inquiry::DecodeVoucher {
            code,
            usage: VoucherUse::Register,
            counter: Counter {
                code: department.code.clone(),
                name: department.name.clone(),
                self_service: false,
            },
        };
        match self.line.ask(&inquiry).await? {
            InquiryReply::Voucher(_) => Ok(()),
            _ => Err(other()),
        }
    }

    pub(super) async fn totals_of_year(&mut self) -> Done {
        let payer = self.payer()?;
        self.line.ask(&Inquiry::Totals { payer }).await.map(|_| ())
    }

    pub(super) async fn institutions(&mut self) -> Done {
        let inquiry = Inquiry::Institutions {
            kind: InstitutionKind::Hospital,
            name: None,
            code: Some(String::from(self.line.institution().as_str())),
        };
        self.line.ask(&inquiry).await.map(|_| ())
    }

    pub(super) async fn dictionary(&mut self) -> Done {
        let Some(table) = self.case.code_table.clone() else {
            return Err(none("案例未写 code_table not in the case"));
        };
        let inquiry = Inquiry::Dictionary {
            table,
            area: self.line.sender.care_area,
            parent: None,
            on: self.line.clock.now(),
        };
        self.line.ask(&inquiry).await.map(|_| ())
    }

    /// Every check the province has, of the case's own bill.
    pub(super) async fn rules(&mut self) -> Done {
        let stages = self.line.profile.checks.offered.clone();
        let visit = self.new_visit()?;
        let bill = self.case.bill(self.line.institution(), &visit);
        let person = self.person.clone().ok_or_else(other)?;
        let asked = BillToCheck {
            payer: self.payer()?,
            sex: person.sex,
            born: person.born,
            bill: bill.map_err(|error| failed(&error.to_string()))?,
            visit,
            purchase: false,
        };
        if stages.is_empty() {
            return Err(Stop::NotSupported(String::from("档案未开通 not in the profile")));
        }
        for stage in stages {
            let asked = Box::new(asked.clone());
            let InquiryReply::Violations(_) = self.line.ask(&Inquiry::CheckBill { stage, asked }).await?
            else {
                return Err(other());
            };
        }
        Ok(())
    }

    /// The first list that comes as a file, fetched and unpacked to its last row.
    pub(super) async fn catalogue_file(&mut self) -> Done {
        let lists = CatalogueList::ALL.iter().copied();
        let mut inquiries = lists.map(|list| Inquiry::CatalogueFile { list, version: None });
        let offered = inquiries.find(|inquiry| inquiry.is_offered(&self.line.profile));
        let inquiry = offered.ok_or_else(|| none("档案没有目录文件 no list by file in the profile"))?;
        let InquiryReply::CatalogueFile(file) = self.line.ask(&inquiry).await? else {
            return Err(other());
        };
        let Some(file) = file else { return Ok(()) };
        let ticket = FileTicket {
            number: file.number,
            name: file.name,
            until: file.until,
        };
        let bytes = self.fetched(&ticket).await?;
        let mut text =
            ZipText::open(&bytes, ZipLimits::default()).map_err(|fault| failed(&fault.to_string()))?;
        let mut rows: u64 = 0;
        while text
            .next_line()
            .map_err(|fault| failed(&fault.to_string()))?
            .is_some()
        {
            rows = rows.saturating_add(1);
        }
        match file.rows {
            Some(announced) if announced != rows => Err(failed("the file holds other rows than announced")),
            _ => Ok(()),
        }
    }

    /// The first page of every list that comes in pages.
    pub(super) async fn catalogue_pages(&mut self) -> Done {
        let mut asked = false;
        for list in CatalogueList::ALL.iter().copied() {
            let inquiry = Inquiry::CataloguePage {
                list,
                changed_since: None,
                page: 1,
            };
            if inquiry.is_offered(&self.line.profile) {
                let InquiryReply::CataloguePage(_) = self.line.ask(&inquiry).await? else {
                    return Err(other());
                };
                asked = true;
            }
        }
        if asked {
            Ok(())
        } else {
            Err(none("档案没有分页目录 no list in pages in the profile"))
        }
    }

    /// An own item of the battery's is mapped, and the mapping taken back.
    pub(super) async fn mapping(&mut self) -> Done {
        let line = self
            .case
            .line
            .first()
            .ok_or_else(|| failed("the case has no line"))?;
        let (own_code, national_code) = (format!("ZJ{}", line.own_code), line.national_code.clone());
        let list = item_list(&national_code);
        let today = business_day(self.line.clock.now());
        let map = MappingCall::Map {
            mapping: OwnMapping {
                own_code: own_code.clone(),
                own_name: line.name.clone(),
                list,
                national_code: national_code.clone(),
                from: today,
                until: None,
                spec: None,
                unit: None,
            },
        };
        self.map(&map).await?;
        let withdraw = MappingCall::Withdraw {
            own_code,
            list,
            national_code,
        };
        self.map(&withdraw).await
    }

    async fn map(&mut self, call: &MappingCall) -> Done {
        let head = self.line.head(self.line.sender.care_area)?;
        let drafted = draft_mapping(call, &head, &self.line.profile);
        let heard = self.line.exchange(drafted).await?;
        match read_mapping(call, &heard.body, &self.line.profile).map_err(unreadable)? {
            MappingReply::Done { .. } => Ok(()),
            MappingReply::Refused { refusal } => Err(refused(&refusal)),
        }
    }

    pub(super) async fn fetched(&mut self, ticket: &FileTicket) -> Result<Vec<u8>, Stop> {
        let head = self.line.head(self.line.sender.care_area)?;
        let drafted = draft_fetch(ticket, &head, &self.line.profile);
        let heard = self.line.exchange(drafted).await?;
        let kind = heard.content_type.as_deref();
        let fetched = read_fetch(heard.status, kind, heard.body, &self.line.profile);
        match fetched.map_err(unreadable)? {
            Fetched::File(bytes) => Ok(bytes),
            Fetched::Refused(refusal) => Err(refused(&refusal)),
        }
    }
}

/// The list an item stands in, by the first letter of its national code.
fn item_list(national_code: &str) -> CatalogueList {
    match national_code.as_bytes().first() {
        Some(b'X' | b'Z') => CatalogueList::Drugs,
        Some(b'T') => CatalogueList::HerbPieces,
        Some(b'C') => CatalogueList::Consumables,
        Some(_) | None => CatalogueList::Services,
    }
}

pub(super) fn none(why: &str) -> Stop {
    Stop::NotSupported(String::from(why))
}
