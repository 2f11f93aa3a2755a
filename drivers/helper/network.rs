//! Takes the network away from this process. It parses whatever a card or a code sends; nothing that goes wrong in
//! there shall reach anybody outside.

use zhijie_ports::HelperNetwork;

/// Refuses every socket but those of this machine from now on, in this thread and all that it starts. Called before any
/// other thread runs. Cannot be taken back.
pub(crate) fn close() -> HelperNetwork {
    match system::close() {
        Ok(()) => HelperNetwork::Closed,
        Err(why) => {
            tracing::warn!(why, "The network cannot be taken away from the device helper");
            HelperNetwork::Unfiltered
        }
    }
}

#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")
))]
mod system {
    use std::collections::BTreeMap;

    use seccompiler::{
        BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
        SeccompFilter, SeccompRule, apply_filter,
    };

    pub(super) fn close() -> Result<(), String> {
        let program = program().map_err(|error| error.to_string())?;
        apply_filter(&program).map_err(|error| error.to_string())
    }

    /// Answers "not permitted" to a socket of any family but the machine's own, and to the ring by which sockets could be
    /// made unseen. The card service is reached by a Unix socket; libraries of readers listen to the kernel's device
    /// messages by netlink.
    fn program() -> Result<BpfProgram, BackendError> {
        let foreign = |family: i32| {
            SeccompCondition::new(
                0,
                SeccompCmpArgLen::Dword,
                SeccompCmpOp::Ne,
                u64::from(family.unsigned_abs()),
            )
        };
        let families = SeccompRule::new(vec![foreign(libc::AF_UNIX)?, foreign(libc::AF_NETLINK)?])?;
        let refusal = SeccompAction::Errno(libc::EPERM.unsigned_abs());
        let rules = BTreeMap::from([
            (libc::SYS_socket, vec![families]),
            (libc::SYS_io_uring_setup, Vec::new()),
        ]);
        let machine = std::env::consts::ARCH.try_into()?;
        SeccompFilter::new(rules, SeccompAction::Allow, refusal, machine)?.try_into()
    }
}

#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")
)))]
mod system {
    pub(super) fn close() -> Result<(), String> {
        Err(String::from("this system has no filter we know"))
    }
}
