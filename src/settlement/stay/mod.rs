//! The saga of one inpatient stay: admission, fee lines, discharge, and every undo. Its settlements are bills of their
//! own; this saga only hears how they stand.
//!
//! The same rules as for a bill: a decision is `stay_transition(state, event, moment)`, and live run, restart and audit
//! print-out are the same [`stay_fold`]. Start reading at [`StayState`], then `transition/`.

mod acts;
mod calls;
mod cause;
mod charges;
mod effect;
mod event;
mod finding;
#[cfg(test)]
mod kit;
#[cfg(test)]
mod old_list_tests;
mod order;
#[cfg(test)]
mod property_tests;
mod recovery;
#[cfg(test)]
mod renewing_tests;
mod state;
#[cfg(test)]
mod story_tests;
mod transition;
mod view;
#[cfg(test)]
mod year_tests;

pub use cause::StayCause;
pub use charges::Unsettled;
pub use effect::{StayAnswer, StayEffect, StayStep};
pub use event::{Act, Bills, StayEvent, StayVerdict};
pub use order::{StayOrder, StayRules};
pub use recovery::stay_plan;
pub use state::{
    AdmissionInDoubt, Admitting, Charged, NotAdmitted, Question, ReversingAdmission, Stay, StayNeedsClerk,
    StayState, StepInDoubt, Task, Working,
};
pub use transition::{stay_advance, stay_fold, stay_transition};
