//! The list, inside each record, of what was committed beside it.

use core::fmt::Write as _;

use crate::digest::Digest;

/// What an attachment is, by the word that stands for it in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Intent,
    Ending,
    Reply,
    Answer,
    Observation,
    Erasure,
    State,
}

impl Attachment {
    /// The record an observation belongs to; `None` when the key is no number.
    pub(crate) fn observation_seq(&self) -> Option<i64> {
        self.key.parse().ok()
    }
}

impl Kind {
    pub(crate) const ALL: [Self; 7] = [
        Self::Intent,
        Self::Ending,
        Self::Reply,
        Self::Answer,
        Self::Observation,
        Self::Erasure,
        Self::State,
    ];

    const fn word(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::Ending => "ending",
            Self::Reply => "reply",
            Self::Answer => "answer",
            Self::Observation => "observation",
            Self::Erasure => "erasure",
            Self::State => "state",
        }
    }

    pub(crate) const fn table(self) -> &'static str {
        match self {
            Self::Intent => "outbox",
            Self::Ending => "attempts",
            Self::Reply => "replies",
            Self::Answer => "requests",
            Self::Observation | Self::Erasure => "observations",
            Self::State => "bills",
        }
    }
}

/// One line: `kind TAB key TAB n TAB digest in hex LF`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attachment {
    pub(crate) kind: Kind,
    /// Message, request or bill id, or the number of a record; none of these holds a control character.
    pub(crate) key: String,
    /// Attempt, answer or observation number from 1; 0 where there is only one.
    pub(crate) n: i64,
    pub(crate) digest: Digest,
}

pub(crate) fn print(attachments: &[Attachment]) -> String {
    let mut text = String::new();
    for Attachment { kind, key, n, digest } in attachments {
        let _ = writeln!(text, "{}\t{key}\t{n}\t{}", kind.word(), hex::encode(digest));
    }
    text
}

/// `None` unless every line has exactly the form [`print`] gives it.
pub(crate) fn parse(text: &str) -> Option<Vec<Attachment>> {
    let attachments = text.lines().map(parse_line).collect::<Option<Vec<_>>>()?;
    (print(&attachments) == text).then_some(attachments)
}

fn parse_line(line: &str) -> Option<Attachment> {
    let mut parts = line.split('\t');
    let (word, key, n, digest) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word)?;
    let digest = hex::decode(digest).ok()?.try_into().ok()?;
    Some(Attachment {
        kind,
        key: key.to_owned(),
        n: n.parse().ok()?,
        digest,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_round_trip_and_odd_ones_are_refused() {
        let one = Attachment {
            kind: Kind::Reply,
            key: "a b".to_owned(),
            n: 2,
            digest: [0xab; 32],
        };
        let text = print(&[
            one.clone(),
            Attachment {
                kind: Kind::State,
                n: 0,
                ..one.clone()
            },
        ]);
        assert_eq!(parse(&text).unwrap().len(), 2);
        assert_eq!(parse(""), Some(vec![]));
        for odd in [
            text.trim_end(),
            &text.to_uppercase(),
            &text.replace('\t', " "),
            "reply\ta\t1\n",
            "reply\ta\t1\tab\n",
        ] {
            assert_eq!(parse(odd), None, "{odd:?}");
        }
    }
}
