//! Lines of the pipe between daemon and helper, from either side.

use core::fmt::Debug;

use zhijie_ports::{FRAME_BYTES_MAX, FromHelper, ToHelper, decode_line, encode_line};

pub(crate) fn run(input: &[u8]) {
    back::<ToHelper>(input);
    back::<FromHelper>(input);
}

/// What is understood is the same after it went through the pipe once more.
fn back<T>(line: &[u8])
where
    T: Debug + PartialEq + serde::Serialize + serde::de::DeserializeOwned,
{
    let Ok(message) = decode_line::<T>(line) else {
        return;
    };
    assert!(line.len() <= FRAME_BYTES_MAX);
    if let Ok(again) = encode_line(&message) {
        assert_eq!(again.iter().filter(|byte| **byte == b'\n').count(), 1);
        assert_eq!(decode_line::<T>(&again), Ok(message));
    }
}
