//! As the table of network interfaces of Windows lists them.
#![expect(
    unsafe_code,
    reason = "only the system's own call tells the address that is built into a card"
)]

use core::ptr::null_mut;
use core::slice;

use windows_sys::Win32::Foundation::NO_ERROR;
use windows_sys::Win32::NetworkManagement::IpHelper::{
    FreeMibTable, GetIfTable2, MIB_IF_ROW2, MIB_IF_TABLE2,
};

/// `IF_TYPE_ETHERNET_CSMACD`: wired; wireless cards are of another type.
const ETHERNET: u32 = 6;
/// First bit of the flags: there is a device, it is no bridge, tunnel or filter.
const HARDWARE: u8 = 1;
const ADDRESS_OCTETS: usize = 6;

/// Addresses of the wired cards, as they are built in. None when Windows does not tell.
pub(super) fn wired() -> Vec<String> {
    let mut table: *mut MIB_IF_TABLE2 = null_mut();
    // SAFETY: `table` lives through the call; on success Windows points it to a table of its own.
    let told = unsafe { GetIfTable2(&raw mut table) };
    if told != NO_ERROR || table.is_null() {
        return Vec::new();
    }
    // SAFETY: the table holds as many rows as it says, and is freed only after the last of them was read.
    let addresses = unsafe {
        let rows = usize::try_from((*table).NumEntries).unwrap_or(0);
        slice::from_raw_parts((&raw const (*table).Table).cast::<MIB_IF_ROW2>(), rows)
            .iter()
            .filter_map(address)
            .collect()
    };
    // SAFETY: it came from `GetIfTable2` and is not used any more.
    unsafe { FreeMibTable(table.cast()) };
    addresses
}

fn address(row: &MIB_IF_ROW2) -> Option<String> {
    let hardware = row.InterfaceAndOperStatusFlags._bitfield & HARDWARE != 0;
    let octets = row.PermanentPhysicalAddress.get(..ADDRESS_OCTETS)?;
    let told = octets.iter().any(|octet| *octet != 0);
    (row.Type == ETHERNET && hardware && told).then(|| hex::encode(octets))
}
