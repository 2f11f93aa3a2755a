//! Commands and the T=0 loop.

use zhijie_ports::{CardChannel, ChannelFault, DeviceFault};

/// Rounds of GET RESPONSE and corrected lengths one command may take.
const ROUNDS_MAX: u32 = 4;
const ANSWER_BYTES_MAX: usize = 4096;

pub(crate) const DONE: u16 = 0x9000;

/// What a command came to after the T=0 loop.
pub(crate) struct Answer {
    pub(crate) data: Vec<u8>,
    pub(crate) status: u16,
}

/// SELECT by name, without `Le`: with T=0 some drivers refuse it, and the card announces its answer with 61xx.
pub(crate) fn select_name(name: &[u8]) -> Vec<u8> {
    select(0x04, name)
}

/// SELECT an elementary file by its identifier.
pub(crate) fn select_file(p1: u8, file: u16) -> Vec<u8> {
    select(p1, &file.to_be_bytes())
}

/// READ RECORD of the current file by tag, with the exact length.
pub(crate) fn read_by_tag(tag: u8, le: u8) -> Vec<u8> {
    vec![0x00, 0xB2, tag, 0x00, le]
}

/// READ RECORD of the current file by record number.
pub(crate) fn read_by_number(number: u8, le: u8) -> Vec<u8> {
    vec![0x00, 0xB2, number, 0x04, le]
}

fn select(p1: u8, data: &[u8]) -> Vec<u8> {
    let mut command = vec![0x00, 0xA4, p1, 0x00, u8::try_from(data.len()).unwrap_or(u8::MAX)];
    command.extend_from_slice(data);
    command
}

/// Sends a command and follows 61xx and 6Cxx. On T=1 and contactless the loop never fires.
///
/// # Errors
/// What the channel reports; [`ChannelFault::Reset`] when the card no longer knows of the answer it announced;
/// [`DeviceFault::CardRemoved`] for an answer without status word, which is how a card pulled during a command may show;
/// [`DeviceFault::CardRefused`] when the loop does not end.
pub(crate) fn exchange(channel: &mut dyn CardChannel, command: &[u8]) -> Result<Answer, ChannelFault> {
    let mut data = Vec::new();
    let mut next = command.to_vec();
    let mut length_corrected = false;
    let mut announced = false;
    for _ in 0..=ROUNDS_MAX {
        let reply = channel.transmit(&next)?;
        let Some((part, &[high, low])) = reply.split_last_chunk::<2>() else {
            return Err(DeviceFault::CardRemoved.into());
        };
        data.extend_from_slice(part);
        if data.len() > ANSWER_BYTES_MAX {
            return Err(refused(high, low));
        }
        match high {
            0x61 => {
                announced = true;
                next = vec![0x00, 0xC0, 0x00, 0x00, low];
            }
            0x6C if !length_corrected => {
                length_corrected = true;
                if let Some(le) = next.last_mut() {
                    *le = low;
                }
            }
            // It has an answer and knows of none: it was reset in between.
            0x69 if announced && matches!(low, 0x85 | 0x86) => return Err(ChannelFault::Reset),
            _ => {
                return Ok(Answer {
                    data,
                    status: u16::from_be_bytes([high, low]),
                });
            }
        }
    }
    Err(DeviceFault::CardRefused { status: 0x6100 }.into())
}

fn refused(high: u8, low: u8) -> ChannelFault {
    DeviceFault::CardRefused {
        status: u16::from_be_bytes([high, low]),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers with what it was given, in order, and notes what it was asked.
    struct Script {
        answers: Vec<Vec<u8>>,
        asked: Vec<Vec<u8>>,
    }

    impl CardChannel for Script {
        fn atr(&self) -> &[u8] {
            &[]
        }
        fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ChannelFault> {
            self.asked.push(command.to_vec());
            Ok(if self.answers.len() > 1 {
                self.answers.remove(0)
            } else {
                self.answers[0].clone()
            })
        }
    }

    fn run(answers: &[&[u8]]) -> (Result<Answer, ChannelFault>, Vec<Vec<u8>>) {
        let mut script = Script {
            answers: answers.iter().map(|answer| answer.to_vec()).collect(),
            asked: Vec::new(),
        };
        let result = exchange(&mut script, &[0x00, 0xB2, 0x07, 0x00, 0x0B]);
        (result, script.asked)
    }

    #[test]
    fn the_loop_follows_what_the_card_announces() {
        let (result, asked) = run(&[&[0x6C, 0x02], &[0x61, 0x02], &[0xAA, 0xBB, 0x90, 0x00]]);
        let answer = result.unwrap();
        assert_eq!((answer.data.as_slice(), answer.status), (&[0xAA, 0xBB][..], DONE));
        assert_eq!(asked[1], [0x00, 0xB2, 0x07, 0x00, 0x02]);
        assert_eq!(asked[2], [0x00, 0xC0, 0x00, 0x00, 0x02]);
    }

    #[test]
    fn the_loop_ends() {
        for (answers, asked_count) in [(&[&[0x61_u8, 0x10][..]][..], 5), (&[&[0x6C, 0x10][..]][..], 2)] {
            let (result, asked) = run(answers);
            assert!(!matches!(result, Ok(Answer { status: DONE, .. })));
            assert_eq!(asked.len(), asked_count);
        }
        let flood = vec![0x61; 3_000];
        assert!(run(&[&flood]).0.is_err());
    }

    #[test]
    fn an_announced_answer_that_is_forgotten_tells_of_a_reset() {
        for forgotten in [&[0x69, 0x85][..], &[0x69, 0x86]] {
            assert!(matches!(
                run(&[&[0x61, 0x10], forgotten]).0,
                Err(ChannelFault::Reset)
            ));
            assert_eq!(run(&[forgotten]).0.unwrap().status >> 8, 0x69);
        }
    }

    #[test]
    fn less_than_a_status_word_is_a_pulled_card() {
        for answer in [&[][..], &[0x90]] {
            assert!(matches!(
                run(&[answer]).0,
                Err(ChannelFault::Device(DeviceFault::CardRemoved))
            ));
        }
    }
}
