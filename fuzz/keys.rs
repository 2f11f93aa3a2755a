//! What a key service answers, and the control information a card gives.

use zhijie_ports::{CardAlgorithm, KeyProof};

pub(crate) fn run(input: &[u8]) {
    if let Ok(proofs) = KeyProof::parse(input) {
        let mut line = String::new();
        for proof in [&proofs.internal, &proofs.external] {
            for part in [&proof.proof, &proof.source] {
                let hex = part.reveal();
                assert!(hex.len() == 16 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
                line.push_str(hex);
            }
            line.push('|');
        }
        assert_eq!(KeyProof::parse(line.as_bytes()), Ok(proofs), "{line}");
    }
    let (information, identification) = input.split_at(input.len() / 2);
    let told = information.windows(2).any(|window| window == [0x9F, 0x0C]);
    let algorithm = CardAlgorithm::of(information, identification);
    if !told {
        assert!(matches!(algorithm, CardAlgorithm::Des | CardAlgorithm::Ssf33));
    }
}
