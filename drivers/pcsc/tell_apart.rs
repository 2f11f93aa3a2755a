//! What lies in the reader when it is no readable social-security card.

use zhijie_ports::{CardChannel, CardKind, ChannelFault, DeviceFault};

use crate::apdu::{DONE, exchange, select_name};

const BANK_DIRECTORY: &[u8] = b"1PAY.SYS.DDF01";
/// Head of every UnionPay application.
const UNIONPAY: &[u8] = &[0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01];

/// Names the card after the social-security environment was refused with `status`. One or two more commands.
pub(crate) fn other_card(channel: &mut dyn CardChannel, status: u16) -> Result<DeviceFault, ChannelFault> {
    match status {
        // The application was found and is closed.
        0x6283 | 0x6985 | 0x9303 => Ok(DeviceFault::CardLocked),
        0x6A81 => {
            let bank = exchange(channel, &select_name(BANK_DIRECTORY))?.status;
            Ok(if bank == DONE {
                DeviceFault::NotSocialSecurityCard { kind: CardKind::Bank }
            } else if bank == 0x6A81 {
                DeviceFault::CardLocked
            } else {
                DeviceFault::NotSocialSecurityCard {
                    kind: CardKind::Other,
                }
            })
        }
        0x6A82 | 0x6D00 | 0x6E00 | 0x6A86 | 0x6700 => {
            for name in [BANK_DIRECTORY, UNIONPAY] {
                if exchange(channel, &select_name(name))?.status == DONE {
                    return Ok(DeviceFault::NotSocialSecurityCard { kind: CardKind::Bank });
                }
            }
            Ok(DeviceFault::NotSocialSecurityCard {
                kind: CardKind::Other,
            })
        }
        other => Ok(DeviceFault::CardRefused { status: other }),
    }
}
