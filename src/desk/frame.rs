//! One message a line.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// Longest line that is read or written, the line end not counted.
pub const LINE_BYTES_MAX: usize = 1024 * 1024;

/// What came in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// A line without its end. The last one may have had none.
    Line(Vec<u8>),
    /// More than [`LINE_BYTES_MAX`] and no line end in sight; nothing after it can be read.
    TooLong,
    End,
}

/// Cuts a byte stream into lines and never holds more than one of them.
#[derive(Debug)]
pub(crate) struct LineReader<R> {
    input: BufReader<R>,
    line: Vec<u8>,
}

impl<R: AsyncRead + Unpin> LineReader<R> {
    pub(crate) fn new(input: R) -> Self {
        Self {
            input: BufReader::new(input),
            line: Vec::new(),
        }
    }

    /// Safe to drop while waiting: what was read so far is kept.
    pub(crate) async fn next(&mut self) -> io::Result<Frame> {
        loop {
            let available = self.input.fill_buf().await?;
            if available.is_empty() {
                if self.line.is_empty() {
                    return Ok(Frame::End);
                }
                return Ok(Frame::Line(core::mem::take(&mut self.line)));
            }
            let (part, used, ended) = match available.iter().position(|byte| *byte == b'\n') {
                Some(at) => (available.get(..at).unwrap_or_default(), at + 1, true),
                None => (available, available.len(), false),
            };
            if self.line.len() + part.len() > LINE_BYTES_MAX {
                self.line = Vec::new();
                return Ok(Frame::TooLong);
            }
            self.line.extend_from_slice(part);
            self.input.consume(used);
            if ended {
                if self.line.last() == Some(&b'\r') {
                    self.line.pop();
                }
                return Ok(Frame::Line(core::mem::take(&mut self.line)));
            }
        }
    }

    /// Throws away the rest of a line that was too long, so that its sender gets to read the answer.
    pub(crate) async fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let available = self.input.fill_buf().await?;
            if available.is_empty() {
                return Ok(());
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(available.len(), |at| at + 1);
            self.input.consume(used);
            if end.is_some() {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tokio::io::AsyncWriteExt;

    async fn frames_of(chunks: Vec<Vec<u8>>) -> Vec<Frame> {
        let (mut near, far) = tokio::io::duplex(64);
        let writer = tokio::spawn(async move {
            for chunk in chunks {
                near.write_all(&chunk).await.unwrap();
            }
        });
        let mut reader = LineReader::new(far);
        let mut found = Vec::new();
        loop {
            match reader.next().await.unwrap() {
                Frame::End => break,
                Frame::TooLong => {
                    found.push(Frame::TooLong);
                    reader.skip_line().await.unwrap();
                }
                line => found.push(line),
            }
        }
        writer.await.unwrap();
        found
    }

    #[tokio::test]
    async fn the_longest_line_passes_and_one_byte_more_does_not() {
        let longest = vec![b'x'; LINE_BYTES_MAX];
        let mut bytes = longest.clone();
        bytes.push(b'\n');
        bytes.extend_from_slice(&longest);
        bytes.extend_from_slice(b"x\nafter\r\n");
        let found = frames_of(vec![bytes]).await;
        assert_eq!(
            found,
            [
                Frame::Line(longest),
                Frame::TooLong,
                Frame::Line(b"after".to_vec())
            ]
        );
    }

    proptest! {
        #[test]
        fn however_it_arrives_the_lines_are_the_same(bytes in proptest::collection::vec(any::<u8>(), 0..300), cut in 1_usize..40) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let whole = runtime.block_on(frames_of(vec![bytes.clone()]));
            let cut_up = runtime.block_on(frames_of(bytes.chunks(cut).map(<[u8]>::to_vec).collect()));
            prop_assert_eq!(whole, cut_up);
        }
    }
}
