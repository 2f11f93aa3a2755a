//! The page for vendors, `docs/desk-api.md`, played against a running agent: every request in the order of the page,
//! every answer compared with the one printed there. `ZHIJIE_RECORD=1` writes the real answers into the page instead.

mod compare;
mod desk;
mod faults;
mod faults_stays;
mod page;
mod protocol;
mod queue;
mod schema;
mod story;
