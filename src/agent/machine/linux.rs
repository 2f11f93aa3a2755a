//! As the kernel lists them below `/sys/class/net`.

use std::fs;
use std::path::Path;

/// `type` of a wired card; bridges and tunnels share it but have no device.
const ETHERNET: &str = "1";
/// `addr_assign_type` of an address that is the card's own.
const BUILT_IN: &str = "0";
const NOTHING: &str = "00:00:00:00:00:00";

/// Addresses of the wired cards: with a device that does not hang on USB (a dock moves from desk to desk), not wireless (those
/// change their address as they like), and not given by software.
pub(super) fn wired(class: &Path) -> Vec<String> {
    let entries = fs::read_dir(class).into_iter().flatten().flatten();
    entries.filter_map(|entry| address(&entry.path())).collect()
}

fn address(card: &Path) -> Option<String> {
    let told = |name: &str| {
        fs::read_to_string(card.join(name))
            .ok()
            .map(|text| String::from(text.trim()))
    };
    let device = fs::canonicalize(card.join("device")).ok()?;
    let usb = device.components().any(|part| {
        let name = part.as_os_str().to_string_lossy();
        name.strip_prefix("usb")
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    });
    let wireless = card.join("wireless").exists() || card.join("phy80211").exists();
    let own = told("type")? == ETHERNET && told("addr_assign_type")? == BUILT_IN;
    let address = told("address").filter(|address| !address.is_empty() && address != NOTHING)?;
    (own && !usb && !wireless).then_some(address)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// `(name, device, type, addr_assign_type, address, wireless)`
    type Card = (
        &'static str,
        Option<&'static str>,
        &'static str,
        &'static str,
        &'static str,
        bool,
    );

    const CARDS: [Card; 8] = [
        (
            "eth0",
            Some("pci0000:00/0000:00:1f.6"),
            "1",
            "0",
            "00:e0:4c:68:00:01",
            false,
        ),
        (
            "eth1",
            Some("pci0000:00/virtio2"),
            "1",
            "0",
            "52:54:00:12:34:56",
            false,
        ),
        ("docker0", None, "1", "3", "02:42:ac:11:00:01", false),
        (
            "wlan0",
            Some("pci0000:00/0000:02:00.0"),
            "1",
            "0",
            "a4:c3:f0:00:00:02",
            true,
        ),
        (
            "enx1",
            Some("pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0"),
            "1",
            "0",
            "00:e0:4c:36:00:03",
            false,
        ),
        (
            "eth2",
            Some("pci0000:00/0000:03:00.0"),
            "1",
            "3",
            "02:00:00:00:00:04",
            false,
        ),
        ("ib0", Some("pci0000:00/0000:04:00.0"), "32", "0", "80:00", false),
        (
            "eth3",
            Some("pci0000:00/0000:05:00.0"),
            "1",
            "0",
            "00:00:00:00:00:00",
            false,
        ),
    ];

    #[test]
    fn only_what_is_built_in_counts() {
        let root = tempfile::tempdir().unwrap();
        let class = root.path().join("class");
        for (name, device, kind, assigned, address, wireless) in CARDS {
            let card = class.join(name);
            fs::create_dir_all(&card).unwrap();
            if let Some(device) = device {
                let device = root.path().join("devices").join(device);
                fs::create_dir_all(&device).unwrap();
                symlink(&device, card.join("device")).unwrap();
            }
            fs::write(card.join("type"), format!("{kind}\n")).unwrap();
            fs::write(card.join("addr_assign_type"), format!("{assigned}\n")).unwrap();
            fs::write(card.join("address"), format!("{address}\n")).unwrap();
            if wireless {
                fs::create_dir(card.join("wireless")).unwrap();
            }
        }
        let mut found = wired(&class);
        found.sort();
        assert_eq!(found, ["00:e0:4c:68:00:01", "52:54:00:12:34:56"]);
        assert!(wired(&root.path().join("nowhere")).is_empty());
    }
}
