//! Internal and external authentication with proofs of a key service: is the card genuine, and may we read.
//!
//! INVARIANT: at most one proof is presented for one call of [`authenticate`], whatever the card answers. Each wrong one costs
//! a try of the card's read key, and only the issuer gives tries back.

use zhijie_model::{Area, Private};
use zhijie_ports::{
    CardAlgorithm, CardChannel, CardKeys, ChannelFault, DeviceFault, Drawn, KeyAsk, reset_info,
};

use crate::apdu::{DONE, exchange};
use crate::pin::status;

/// GET CHALLENGE, eight bytes.
const CHALLENGE: [u8; 5] = [0x00, 0x84, 0x00, 0x00, 0x08];
/// The read key of the social-security environment.
const READ_KEY: u8 = 0x0A;

/// Draws the numbers, asks the service while the card stays as it is, and presents what came back.
///
/// # Errors
/// The service's fault before anything is presented; [`DeviceFault::CardNotGenuine`] when the card's own proof is another
/// one, also before; [`DeviceFault::ProofRefused`] or [`DeviceFault::ReadKeyBlocked`] by the card.
pub(crate) fn authenticate(
    channel: &mut dyn CardChannel,
    keys: &mut dyn CardKeys,
    region: Area,
    algorithm: CardAlgorithm,
    identification: &[u8],
) -> Result<(), ChannelFault> {
    let internal = draw(channel)?;
    let external = draw(channel)?;
    let ask = KeyAsk {
        region,
        reset_info: Private::new(reset_info(channel.atr())),
        algorithm,
        identification: Private::new(hex(identification)),
        internal: internal.told(),
        external: external.told(),
    };
    let proofs = keys.prove(&ask)?;
    // A proof for other numbers than ours is an answer to another question, and would cost a try.
    if proofs.internal.source != ask.internal.source || proofs.external.source != ask.external.source {
        return Err(DeviceFault::KeyServiceGarbled.into());
    }
    let own = exchange(channel, &command(0x88, 0x00, &internal.factor, &internal.source))?;
    if own.status != DONE {
        return Err(DeviceFault::CardRefused { status: own.status }.into());
    }
    if hex(&own.data) != proofs.internal.proof.reveal() {
        return Err(DeviceFault::CardNotGenuine.into());
    }
    let proof = bytes(proofs.external.proof.reveal()).ok_or(DeviceFault::KeyServiceGarbled)?;
    // Not by way of the loop that follows 61xx and 6Cxx: that one repeats commands. A lost answer starts nothing anew.
    let answer = channel.transmit(&command(0x82, READ_KEY, &proof, &external.source));
    match status(&answer.map_err(final_fault)?).map_err(final_fault)? {
        DONE => Ok(()),
        word @ 0x63C1..=0x63CF => {
            let [_, low] = word.to_be_bytes();
            Err(DeviceFault::ProofRefused { left: low & 0x0F }.into())
        }
        0x63C0 | 0x6983 => Err(DeviceFault::ReadKeyBlocked.into()),
        other => Err(DeviceFault::CardRefused { status: other }.into()),
    }
}

/// Two numbers of the card: the source first, then the process factor, as the interface has it.
struct Numbers {
    source: [u8; 8],
    factor: [u8; 8],
}

impl Numbers {
    fn told(&self) -> Drawn {
        Drawn {
            factor: Private::new(hex(&self.factor)),
            source: Private::new(hex(&self.source)),
        }
    }
}

fn draw(channel: &mut dyn CardChannel) -> Result<Numbers, ChannelFault> {
    let mut number = || -> Result<[u8; 8], ChannelFault> {
        let answer = exchange(channel, &CHALLENGE)?;
        match (answer.status, answer.data.try_into()) {
            (DONE, Ok(number)) => Ok(number),
            (0x6986, _) => Err(ChannelFault::Reset),
            (status, _) => Err(DeviceFault::CardRefused { status }.into()),
        }
    };
    Ok(Numbers {
        source: number()?,
        factor: number()?,
    })
}

fn command(instruction: u8, p2: u8, first: &[u8; 8], second: &[u8; 8]) -> Vec<u8> {
    let mut command = vec![0x00, instruction, 0x00, p2, 0x10];
    command.extend_from_slice(first);
    command.extend_from_slice(second);
    command
}

/// Nothing that would make the caller start again: the proof has been presented.
fn final_fault(fault: ChannelFault) -> ChannelFault {
    match fault {
        ChannelFault::Reset => DeviceFault::BUSY.into(),
        ChannelFault::Device(fault) if fault == crate::service::lost_power() => {
            DeviceFault::CardRemoved.into()
        }
        ChannelFault::Device(fault) => fault.into(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn bytes(text: &str) -> Option<[u8; 8]> {
    let number = u64::from_str_radix(text, 16).ok()?;
    (text.len() == 16).then_some(number.to_be_bytes())
}

#[cfg(test)]
mod tests;
