//! The order in which a card's basic data is read.

use jiff::civil::Date;
use zhijie_ports::{
    CardAlgorithm, CardChannel, CardFields, CardGeneration, CardKeys, CardKind, CardReading, ChannelFault,
    DeviceFault, Tag, is_resident_id, parse_record,
};

use crate::apdu::{Answer, DONE, exchange, read_by_number, read_by_tag, select_file, select_name};
use crate::prove::authenticate;
use crate::tell_apart::other_card;

/// `sx1.sh.` and the Chinese word for social security in GBK.
pub(crate) const ENVIRONMENT: &[u8] = b"\x73\x78\x31\x2E\x73\x68\x2E\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";
const CARD_FILE: u16 = 0xEF05;
const HOLDER_FILE: u16 = 0xEF06;

/// Reads the basic data: environment, card file, validity, then the holder's file. Sends no command whose
/// answer is not used, and stops at the first thing that settles the matter: a foreign card, an expired card, a
/// card of the third generation where `keys` are not at hand. `insertion` stamps the reading; the caller makes sure it is one insertion.
///
/// # Errors
/// [`ChannelFault::Reset`] when somebody else reset the card (start again once), else the fault of card or reader.
pub fn read_basic(
    channel: &mut dyn CardChannel,
    reader: &str,
    insertion: u32,
    today: Date,
    keys: &mut dyn CardKeys,
) -> Result<CardReading, ChannelFault> {
    if is_resident_id(channel.atr()) {
        return Err(DeviceFault::NotSocialSecurityCard {
            kind: CardKind::ResidentId,
        }
        .into());
    }
    let environment = exchange(channel, &select_name(ENVIRONMENT))?;
    if environment.status != DONE {
        return Err(other_card(channel, environment.status)?.into());
    }
    let mut files = Records {
        channel,
        addressing: Addressing::ByTag { proved: false },
    };
    files.select(CARD_FILE)?;
    let mut fields = CardFields {
        identification: files.read(Tag::IDENTIFICATION)?,
        version: files.read(Tag::VERSION)?,
        issued: files.read(Tag::ISSUED)?,
        valid_until: files.read(Tag::VALID_UNTIL)?,
        card_number: files.read(Tag::CARD_NUMBER)?,
        ..CardFields::default()
    };
    let region = fields.region()?;
    let version = fields.version()?;
    let valid_until = fields.valid_until()?;
    if let Some(valid_until) = valid_until.filter(|last| *last < today) {
        return Err(DeviceFault::CardExpired { valid_until }.into());
    }
    let generation = CardGeneration::of(&version);
    let closed = DeviceFault::NeedsSecurityModule {
        region,
        version,
        valid_until,
    };
    let identification = fields.identification.clone().unwrap_or_default();
    let algorithm = CardAlgorithm::of(&environment.data, &identification);
    let mut prove = |files: &mut Records<'_>| {
        if !keys.at_hand() {
            return Err(ChannelFault::from(closed.clone()));
        }
        authenticate(files.channel, keys, region, algorithm, &identification)
    };
    let mut genuine = generation == CardGeneration::Third;
    if genuine {
        prove(&mut files)?;
    }
    files.select(HOLDER_FILE)?;
    fields.number = match files.read(Tag::NUMBER) {
        // Some older cards want it too, and say so only now.
        Err(ChannelFault::Device(DeviceFault::CardRefused { status: 0x6982 })) if !genuine => {
            prove(&mut files)?;
            genuine = true;
            files.select(HOLDER_FILE)?;
            files.read(Tag::NUMBER)?
        }
        other => other?,
    };
    fields.name = files.read(Tag::NAME)?;
    if generation != CardGeneration::First {
        fields.name_extension = files.read(Tag::NAME_EXTENSION)?;
    }
    fields.sex = files.read(Tag::SEX)?;
    fields.ethnic = files.read(Tag::ETHNIC)?;
    fields.birthplace = files.read(Tag::BIRTHPLACE)?;
    fields.born = files.read(Tag::BORN)?;
    let atr = files.channel.atr().to_vec();
    let mut reading = fields.reading(&atr, reader, insertion)?;
    reading.genuine = genuine;
    Ok(reading)
}

/// How this card wants its records named. Most know tags; some know numbers only.
#[derive(Clone, Copy)]
enum Addressing {
    /// `proved`: a record was found by its tag, so a record not found is really missing.
    ByTag { proved: bool },
    /// `shift`: the card has no name extension and everything behind it moved up by one.
    ByNumber { shift: bool },
}

struct Records<'channel> {
    channel: &'channel mut dyn CardChannel,
    addressing: Addressing,
}

impl Records<'_> {
    fn select(&mut self, file: u16) -> Result<(), ChannelFault> {
        let mut status = exchange(self.channel, &select_file(0x02, file))?.status;
        if status == 0x6A86 {
            status = exchange(self.channel, &select_file(0x00, file))?.status;
        }
        sound(status)
    }

    /// The value of a record of the current file, `None` when the card does not have it.
    fn read(&mut self, tag: Tag) -> Result<Option<Vec<u8>>, ChannelFault> {
        if let Addressing::ByTag { proved } = self.addressing {
            let answer = exchange(self.channel, &read_by_tag(tag.0, tag.exact_le()))?;
            match answer.status {
                DONE => {
                    self.addressing = Addressing::ByTag { proved: true };
                    return Ok(Some(value(tag, &answer)?));
                }
                0x6A83 if proved => return Ok(None),
                0x6A83 | 0x6A86 | 0x6981 => {
                    let found = self.read_by_number(tag, false)?;
                    // A single missing record does not tell that tags are unknown.
                    if found.is_some() {
                        self.addressing = Addressing::ByNumber { shift: false };
                    }
                    return Ok(found);
                }
                other => return Err(unusable(other)),
            }
        }
        let Addressing::ByNumber { shift } = self.addressing else {
            return Ok(None);
        };
        if let Some(found) = self.read_by_number(tag, shift)? {
            return Ok(Some(found));
        }
        if !shift && tag.number() > Tag::NAME_EXTENSION.number() {
            let found = self.read_by_number(tag, true)?;
            if found.is_some() {
                self.addressing = Addressing::ByNumber { shift: true };
            }
            return Ok(found);
        }
        Ok(None)
    }

    /// A record with another tag is not the one asked for: the numbers moved.
    fn read_by_number(&mut self, tag: Tag, shift: bool) -> Result<Option<Vec<u8>>, ChannelFault> {
        let moved = shift && tag.number() > Tag::NAME_EXTENSION.number();
        let number = tag.number().saturating_sub(u8::from(moved));
        let answer = exchange(self.channel, &read_by_number(number, tag.exact_le()))?;
        match answer.status {
            DONE if answer.data.first() == Some(&tag.0) => Ok(Some(value(tag, &answer)?)),
            DONE | 0x6A83 => Ok(None),
            other => Err(unusable(other)),
        }
    }
}

fn value(tag: Tag, answer: &Answer) -> Result<Vec<u8>, DeviceFault> {
    parse_record(tag, &answer.data).map(<[u8]>::to_vec)
}

fn sound(status: u16) -> Result<(), ChannelFault> {
    if status == DONE {
        Ok(())
    } else {
        Err(unusable(status))
    }
}

/// 6986 in the middle means that somebody else reset the card: what was selected is gone.
fn unusable(status: u16) -> ChannelFault {
    match status {
        0x6986 => ChannelFault::Reset,
        0x6A81 | 0x6985 | 0x9303 => DeviceFault::CardLocked.into(),
        other => DeviceFault::CardRefused { status: other }.into(),
    }
}

#[cfg(test)]
mod fuzz_tests;

#[cfg(test)]
mod tests {
    use zhijie_ports::NoKeys;
    use zhijie_twin::{CardData, Damage, Generation, Kind, VirtualCard};

    use super::*;

    struct Twin {
        card: VirtualCard,
        atr: Vec<u8>,
    }

    impl CardChannel for Twin {
        fn atr(&self) -> &[u8] {
            &self.atr
        }
        fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ChannelFault> {
            Ok(self.card.transmit(command))
        }
    }

    const TODAY: Date = Date::constant(2026, 11, 22);

    fn read(data: CardData) -> (Result<CardReading, DeviceFault>, u32) {
        let card = VirtualCard::new(data).unwrap();
        let mut twin = Twin {
            atr: card.atr(),
            card,
        };
        let result = read_basic(&mut twin, "reader", 2, TODAY, &mut NoKeys).map_err(|fault| match fault {
            ChannelFault::Device(fault) => fault,
            ChannelFault::Reset => panic!("nobody resets this card"),
        });
        (result, twin.card.commands())
    }

    fn fault(data: CardData) -> DeviceFault {
        read(data).0.unwrap_err()
    }

    #[test]
    fn a_second_generation_card_reads_with_no_needless_command() {
        let (card, commands) = read(CardData::default());
        let card = card.unwrap();
        let twin = CardData::default();
        assert_eq!(card.number.reveal(), twin.number);
        assert_eq!(card.name.reveal(), twin.name);
        assert_eq!(card.card_number.reveal(), twin.card_number);
        assert_eq!(card.identification.reveal(), "341200D15600000500004711FFFFFFFF");
        assert_eq!(card.reset_info.reveal(), "00815300018660341200004711");
        assert_eq!(
            (card.region.to_string().as_str(), card.version.as_str()),
            ("341200", "2.00")
        );
        assert_eq!(card.valid_until, Some(Date::constant(2099, 12, 31)));
        assert_eq!(card.born.unwrap().reveal(), twin.born);
        assert_eq!(card.warnings, []);
        // Environment 2, card file 1 + 5, holder's file 1 + 7.
        assert_eq!(commands, 16);
    }

    #[test]
    fn a_long_name_is_joined_over_both_records() {
        let name = "阿卜杜热合曼买买提艾力古丽巴哈尔江";
        let (card, _) = read(CardData {
            name: String::from(name),
            ..CardData::default()
        });
        assert_eq!(card.unwrap().name.reveal(), name);
    }

    #[test]
    fn first_generation_and_number_only_cards_read_too() {
        for generation in [Generation::First, Generation::Second] {
            for finds_by_tag in [true, false] {
                let (card, _) = read(CardData {
                    generation,
                    finds_by_tag,
                    ..CardData::default()
                });
                let card = card.unwrap();
                assert_eq!(card.name.reveal(), "王秀兰", "{generation:?} {finds_by_tag}");
                assert_eq!(card.born.unwrap().reveal(), "19680214");
                assert_eq!(card.warnings, []);
            }
        }
    }

    #[test]
    fn a_missing_optional_record_is_left_out_and_the_numbers_move() {
        for finds_by_tag in [true, false] {
            let (card, _) = read(CardData {
                finds_by_tag,
                damage: Damage::MissingRecord(0x4E),
                ..CardData::default()
            });
            let card = card.unwrap();
            assert_eq!((card.name.reveal(), card.sex.unwrap().reveal()), ("王秀兰", "2"));
        }
        let (card, _) = read(CardData::default().with_damage(Damage::MissingRecord(0x0B)));
        assert_eq!(card.unwrap().ethnic, None);
    }

    #[test]
    fn every_foreign_or_broken_card_has_its_fault() {
        let default = CardData::default;
        let of = |kind| CardData { kind, ..default() };
        let not = |kind| DeviceFault::NotSocialSecurityCard { kind };
        let table = [
            (of(Kind::Bank), not(CardKind::Bank)),
            (of(Kind::Other), not(CardKind::Other)),
            (of(Kind::ResidentId), not(CardKind::ResidentId)),
            (default().with_damage(Damage::Locked), DeviceFault::CardLocked),
            (
                CardData {
                    valid_until: String::from("20261121"),
                    ..default()
                },
                DeviceFault::CardExpired {
                    valid_until: Date::constant(2026, 11, 21),
                },
            ),
            (
                CardData {
                    generation: Generation::Third,
                    ..default()
                },
                DeviceFault::NeedsSecurityModule {
                    region: fuyang(),
                    version: String::from("3.00"),
                    valid_until: Some(Date::constant(2099, 12, 31)),
                },
            ),
            (
                default().with_damage(Damage::HalfAnswerAtCommand(5)),
                DeviceFault::CardRemoved,
            ),
            (
                default().with_damage(Damage::MissingRecord(0x09)),
                DeviceFault::RecordMissing { tag: Tag::NAME },
            ),
            (
                default().with_damage(Damage::MissingRecord(0x01)),
                DeviceFault::RecordMissing {
                    tag: Tag::IDENTIFICATION,
                },
            ),
            (
                default().with_damage(Damage::GarbledRecord(0x08)),
                DeviceFault::RecordGarbled { tag: Tag::NUMBER },
            ),
            (
                default().with_damage(Damage::NoiseInRecord(0x06)),
                DeviceFault::RecordGarbled {
                    tag: Tag::VALID_UNTIL,
                },
            ),
        ];
        for (data, expected) in table {
            assert_eq!(fault(data.clone()), expected, "{data:?}");
        }
    }

    #[test]
    fn the_last_day_of_validity_still_counts() {
        let data = CardData {
            valid_until: String::from("20261122"),
            ..CardData::default()
        };
        assert!(read(data).0.is_ok());
    }

    fn fuyang() -> zhijie_model::Area {
        zhijie_model::Area::new("341200").unwrap()
    }
}
