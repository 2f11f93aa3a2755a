//! Which PC this is, so that a cloned disk does not settle under another one's desk slot. Start reading at [`this_pc`].

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

use zhijie_ledger::Machine;

/// The marks of this PC: the addresses built into its wired network cards, the one thing every PC has and none has twice.
/// Unknown where the system tells none.
pub(crate) fn this_pc() -> Machine {
    #[cfg(target_os = "linux")]
    let marks = linux::wired(std::path::Path::new("/sys/class/net"));
    #[cfg(windows)]
    let marks = windows::wired();
    #[cfg(not(any(target_os = "linux", windows)))]
    let marks: Vec<String> = Vec::new();
    Machine::of(marks)
}
