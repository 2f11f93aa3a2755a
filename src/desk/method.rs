//! The methods there are.

use core::fmt;

macro_rules! methods {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// A method of the desk interface.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Method {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Method {
            /// Every method, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name on the line.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The method of that name, exactly as spelled.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

methods! {
    /// Versions and place of the agent.
    AgentInfo = "agent.info",
    /// State of the agent with its reasons.
    AgentHealth = "agent.health",
    /// Waits for a card or a code.
    IdentityRead = "identity.read",
    /// Takes a waiting `identity.read` back.
    IdentityCancel = "identity.cancel",
    /// Whether two identities of one visit are one person.
    IdentityCompare = "identity.compare",
    /// Tries left of a card's PIN, or one try.
    CardPin = "card.pin",
    /// Insurances and benefits of a person.
    PersonLookup = "person.lookup",
    /// Drugs a person was handed out under chronic diseases.
    PersonMedicines = "person.medicines",
    /// Institutions by name or code.
    InstitutionFind = "institution.find",
    /// A code table of an area.
    DictionaryList = "dictionary.list",
    /// Whether a person may settle here today, from what is on disk.
    FilingCheck = "filing.check",
    /// Everything seen of a person's filing.
    FilingHistory = "filing.history",
    /// A filing the desk was shown.
    FilingRecord = "filing.record",
    /// Writes a packet for the insured region.
    FilingDispute = "filing.dispute",
    /// Refers a patient to another institution at the insured region.
    FilingRefer = "filing.refer",
    /// Registers a chronic or special disease at the insured region.
    FilingRegisterChronic = "filing.register_chronic",
    /// Fixes a place of treatment at the insured region.
    FilingFixPlace = "filing.fix_place",
    /// Takes a record back at the insured region.
    FilingWithdraw = "filing.withdraw",
    /// Erases personal details of what was seen.
    FilingForget = "filing.forget",
    /// What the rules of the insurance have against a bill.
    VisitCheck = "visit.check",
    /// Registers the visit and tries the settlement; moves no money.
    VisitQuote = "visit.quote",
    /// Settles; moves money.
    VisitSettle = "visit.settle",
    /// The desk software has booked the settlement.
    VisitConfirm = "visit.confirm",
    /// Refunds a settlement that stands; moves money.
    VisitCancel = "visit.cancel",
    /// Tries the settlement of a purchase at a pharmacy; moves no money.
    PharmacyQuote = "pharmacy.quote",
    /// Settles a purchase; moves money.
    PharmacySettle = "pharmacy.settle",
    /// Refunds a purchase that stands; moves money.
    PharmacyCancel = "pharmacy.cancel",
    /// What became of a request or a bill.
    VisitStatus = "visit.status",
    /// Lines and diagnoses of a settled visit as the centre has them.
    VisitDetails = "visit.details",
    /// Admits a patient to hospital.
    StayAdmit = "stay.admit",
    /// What changed of a stay.
    StayChange = "stay.change",
    /// Uploads fee lines of a stay.
    StayCharge = "stay.charge",
    /// Takes fee lines of a stay back.
    StayWithdrawCharges = "stay.withdraw_charges",
    /// The patient leaves.
    StayDischarge = "stay.discharge",
    /// Tries the settlement of a stay; moves no money.
    StayQuote = "stay.quote",
    /// Settles a stay, or a part of it; moves money.
    StaySettle = "stay.settle",
    /// Refunds a settlement of a stay; moves money.
    StayCancel = "stay.cancel",
    /// Takes a discharge back.
    StayUndoDischarge = "stay.undo_discharge",
    /// Takes an admission back.
    StayUndoAdmission = "stay.undo_admission",
    /// Where a stay is, with its charges and settlements.
    StayStatus = "stay.status",
    /// The settlement sheet.
    ReceiptGet = "receipt.get",
    /// The centre's own settlement sheet.
    ReceiptSheet = "receipt.sheet",
    /// Bills that are settled later.
    QueueList = "queue.list",
    /// Tries deferred bills now.
    QueueRun = "queue.run",
    /// What waits for the agent, the desk or a person.
    WorkList = "work.list",
    /// A person's verdict on a bill that waits for one.
    WorkResolve = "work.resolve",
    /// Tells the centre which national code an own item is, or takes that back.
    CatalogMap = "catalog.map",
    /// Fetches what is new of the catalogue.
    CatalogSync = "catalog.sync",
    /// What of the catalogue is here, and how old it is.
    CatalogStatus = "catalog.status",
    /// Looks entries of the catalogue up, from disk.
    CatalogLookup = "catalog.lookup",
    /// What is wrong with fee lines by the catalogue, from disk.
    CatalogCheck = "catalog.check",
    /// The centre's statement of some days against this desk's ledger.
    ReconcileDay = "reconcile.day",
    /// Sums of some days against the centre's.
    ReconcileTotals = "reconcile.totals",
    /// Events from now on.
    EventsSubscribe = "events.subscribe",
}

impl Method {
    /// Whether a request of this method may move money.
    #[must_use]
    pub const fn moves_money(self) -> bool {
        matches!(
            self,
            Self::VisitSettle
                | Self::VisitCancel
                | Self::PharmacySettle
                | Self::PharmacyCancel
                | Self::StaySettle
                | Self::StayCancel
        )
    }

    /// Whether a request of this method carries a `request_id` and its answer an `outcome`.
    #[must_use]
    pub const fn changes_something(self) -> bool {
        match self {
            Self::VisitQuote
            | Self::VisitSettle
            | Self::VisitConfirm
            | Self::VisitCancel
            | Self::PharmacyQuote
            | Self::PharmacySettle
            | Self::PharmacyCancel
            | Self::StayAdmit
            | Self::StayChange
            | Self::StayCharge
            | Self::StayWithdrawCharges
            | Self::StayDischarge
            | Self::StayQuote
            | Self::StaySettle
            | Self::StayCancel
            | Self::StayUndoDischarge
            | Self::StayUndoAdmission
            | Self::FilingRecord
            | Self::FilingDispute
            | Self::FilingRefer
            | Self::FilingRegisterChronic
            | Self::FilingFixPlace
            | Self::FilingWithdraw
            | Self::FilingForget
            | Self::CatalogMap
            | Self::WorkResolve => true,
            Self::AgentInfo
            | Self::AgentHealth
            | Self::IdentityRead
            | Self::IdentityCancel
            | Self::IdentityCompare
            | Self::CardPin
            | Self::PersonLookup
            | Self::InstitutionFind
            | Self::DictionaryList
            | Self::FilingCheck
            | Self::FilingHistory
            | Self::CatalogSync
            | Self::CatalogStatus
            | Self::CatalogLookup
            | Self::CatalogCheck
            | Self::VisitCheck
            | Self::VisitDetails
            | Self::PersonMedicines
            | Self::ReceiptSheet
            | Self::VisitStatus
            | Self::StayStatus
            | Self::ReceiptGet
            | Self::QueueList
            | Self::QueueRun
            | Self::WorkList
            | Self::ReconcileDay
            | Self::ReconcileTotals
            | Self::EventsSubscribe => false,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_only_as_spelled() {
        for method in Method::ALL {
            assert_eq!(Method::parse(method.name()), Some(*method));
            assert_eq!(Method::parse(&method.name().to_uppercase()), None);
        }
    }
}
