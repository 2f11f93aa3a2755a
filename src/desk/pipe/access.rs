//! Who may do what with the pipe.
#![expect(
    unsafe_code,
    reason = "the rights of a pipe can only be given through the system's own calls"
)]

use core::ffi::c_void;
use core::ptr::null_mut;
use std::io;
use std::os::windows::io::AsRawHandle as _;
use std::path::Path;

use tokio::net::windows::named_pipe::{NamedPipeClient, NamedPipeServer, ServerOptions};
use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Authorization::{
    ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1,
};
use windows_sys::Win32::Security::SECURITY_ATTRIBUTES;

use super::handle::{account_named, own_account, owner_of, wide};

/// Everybody who is signed in at this PC itself, not over the network.
const SIGNED_IN_HERE: &str = "IU";
/// Read, write and synchronise, but not make another instance of the pipe: who could would hear what was meant for the agent.
/// The usual "generic write" holds that right, so a desk program asks for these rights by this number.
pub(super) const CONNECT_RIGHTS: u32 = 0x0012_019B;
/// System, administrators, and the account the service gets from Windows.
const TRUSTED: [&str; 2] = ["S-1-5-18", "S-1-5-32-544"];
/// What identifiers of service accounts begin with.
const SERVICE_ACCOUNTS: &str = "S-1-5-80-";

/// Rights of the pipe, made once and given to every instance.
#[derive(Debug)]
pub(super) struct Access {
    descriptor: Descriptor,
}

impl Access {
    pub(super) fn for_desk(group: Option<&str>) -> io::Result<Self> {
        let group = match group {
            None => String::from(SIGNED_IN_HERE),
            Some(sid) if sid.starts_with("S-1-") => String::from(sid),
            Some(name) => account_named(name)?,
        };
        let descriptor = Descriptor::of(&sddl(&own_account()?, &group))?;
        Ok(Self { descriptor })
    }

    /// The first instance; refused while there is any other of this name.
    pub(super) fn first(&self, path: &Path) -> io::Result<NamedPipeServer> {
        self.instance(path, true)
    }

    pub(super) fn another(&self, path: &Path) -> io::Result<NamedPipeServer> {
        self.instance(path, false)
    }

    fn instance(&self, path: &Path, first: bool) -> io::Result<NamedPipeServer> {
        let mut attributes = SECURITY_ATTRIBUTES {
            nLength: u32::try_from(size_of::<SECURITY_ATTRIBUTES>()).unwrap_or(0),
            lpSecurityDescriptor: self.descriptor.0,
            bInheritHandle: 0,
        };
        let mut options = ServerOptions::new();
        options.first_pipe_instance(first).reject_remote_clients(true);
        // SAFETY: the attributes and the descriptor they name live through the call.
        unsafe { options.create_with_security_attributes_raw(path, (&raw mut attributes).cast::<c_void>()) }
    }
}

/// Only what is named here has rights, whatever the PC's defaults are; the owner tells clients whose pipe it is.
pub(super) fn sddl(own: &str, group: &str) -> String {
    format!("O:{own}D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;{own})(A;;{CONNECT_RIGHTS:#x};;;{group})")
}

/// Whether the pipe belongs to the system, an administrator, a service or this very account.
pub(super) fn owner_is_trusted(pipe: &NamedPipeClient) -> io::Result<bool> {
    let owner = owner_of(pipe.as_raw_handle())?;
    let known = TRUSTED.contains(&owner.as_str()) || owner.starts_with(SERVICE_ACCOUNTS);
    Ok(known || owner == own_account()?)
}

/// A security descriptor the system made from text.
#[derive(Debug)]
struct Descriptor(*mut c_void);

// SAFETY: it is made once, then only read.
unsafe impl Send for Descriptor {}
// SAFETY: as above.
unsafe impl Sync for Descriptor {}

impl Descriptor {
    fn of(sddl: &str) -> io::Result<Self> {
        let text = wide(sddl);
        let mut made = null_mut();
        // SAFETY: the text ends with a zero; the memory is ours and freed once.
        let done = unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                text.as_ptr(),
                SDDL_REVISION_1,
                &raw mut made,
                null_mut(),
            )
        };
        if done == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Self(made))
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        // SAFETY: made by the system with its local memory, not freed before.
        unsafe { LocalFree(self.0) };
    }
}
