//! Whether the dress of a profile fits together.

use crate::profile::Profile;
use crate::profile_check::{ProfileError, path, range, text};
use crate::profile_dress::{HeaderFamily, SecurityFamily, TokenRule, UrlFamily, UserId, VoucherRoad};

/// Members every envelope has by itself; an extra may not say them twice.
const COMMON: [&str; 19] = [
    "infno",
    "msgid",
    "mdtrtarea_admvs",
    "insuplc_admdvs",
    "recer_sys_code",
    "dev_no",
    "dev_safe_info",
    "cainfo",
    "signtype",
    "infver",
    "opter_type",
    "opter",
    "opter_name",
    "inf_time",
    "fixmedins_code",
    "fixmedins_name",
    "sign_no",
    "input",
    "",
];

impl Profile {
    pub(crate) fn check_dress(&self) -> Result<(), ProfileError> {
        self.check_addresses()?;
        self.check_headers()?;
        for name in self.envelope.extras.keys() {
            let twice = self.security.family == SecurityFamily::Sealed && name == "enc_type";
            if twice || COMMON.contains(&name.as_str()) {
                return Err(ProfileError::TwiceSaid { member: name.clone() });
            }
        }
        if self.security.user_id == UserId::Secret {
            return Err(ProfileError::NotOneOf {
                key: "security.user_id",
                allowed: "standard, application",
            });
        }
        if let Some(medium) = &self.medium {
            let known = |number: &String| ["1101", "2207", "2207A"].contains(&number.as_str());
            if medium.transactions.is_empty() || !medium.transactions.iter().all(known) {
                return Err(ProfileError::NotOneOf {
                    key: "medium.transactions",
                    allowed: "1101, 2207, 2207A",
                });
            }
        }
        if self.voucher.road == VoucherRoad::Service {
            path("voucher.path", &self.voucher.path)?;
            text("voucher.version", &self.voucher.version, 10)?;
            text("voucher.kind", &self.voucher.kind, 60)?;
        }
        if self.voucher.road == VoucherRoad::Library {
            text("voucher.kind", &self.voucher.kind, 60)?;
        }
        Ok(())
    }

    fn check_addresses(&self) -> Result<(), ProfileError> {
        let url = &self.url;
        path("url.base_path", &url.base_path)?;
        for below in url.paths.values() {
            match url.family {
                UrlFamily::Bus => text("url.paths", below, 100)?,
                UrlFamily::Single | UrlFamily::FsiTable | UrlFamily::Suffix => {
                    path("url.paths", &format!("/{below}"))?;
                }
            }
        }
        if url.family == UrlFamily::Bus {
            text("url.api", url.api.as_deref().unwrap_or_default(), 100)?;
        }
        Ok(())
    }

    fn check_headers(&self) -> Result<(), ProfileError> {
        let header = &self.header;
        match header.family {
            HeaderFamily::Csb => text(
                "header.api_version",
                header.api_version.as_deref().unwrap_or_default(),
                20,
            )?,
            HeaderFamily::Oauth => {
                let missing = ProfileError::Empty { key: "header.token" };
                header.token.as_ref().ok_or(missing)?.check()?;
            }
            HeaderFamily::None | HeaderFamily::Tif | HeaderFamily::Rio | HeaderFamily::Ca => {}
        }
        let bus = self.url.family == UrlFamily::Bus;
        if bus != (header.family == HeaderFamily::Csb) {
            return Err(ProfileError::NotOneOf {
                key: "header.family",
                allowed: "csb together with the bus, and nowhere else",
            });
        }
        Ok(())
    }
}

impl TokenRule {
    fn check(&self) -> Result<(), ProfileError> {
        path("header.token.path", &self.path)?;
        text("header.token.grant", &self.grant, 40)?;
        range("header.token.life_s", u64::from(self.life_s), 60, 86_400)
    }
}
