//! The line to the platform under test: the product's own messages, every exchange kept.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use zhijie_model::{
    Area, Call, Credential, IdError, InstitutionCode, MessageId, OperatorCode, Refusal, Reply, SignIn,
    Transaction, beijing,
};
use zhijie_uplink::{Delivery, Uplink};
use zhijie_wire::{
    Draft, EncodeError, Head, Inquiry, InquiryReply, Message, Profile, Seal, Unreadable, clear_answer, draft,
    draft_inquiry, masked, read_inquiry, read_reply,
};

use crate::clock::Clock;
use crate::platform::Sender;

/// The desk whose number stands in the message ids of a battery; no real desk may have it.
pub(crate) const SLOT: u8 = 99;

/// Why a step did not come to an answer.
#[derive(Debug)]
pub(super) enum Stop {
    NotSupported(String),
    /// Refused, and nothing was done.
    Refused(String),
    /// Refused in words of which the profile does not say whether something was done.
    Unclear(String),
    Failed(String),
}

/// A whole answer as it came, opened.
pub(super) struct Heard {
    pub(super) message_id: MessageId,
    pub(super) status: u16,
    pub(super) content_type: Option<String>,
    pub(super) body: Vec<u8>,
}

/// Everything that is needed to talk.
#[derive(Debug)]
pub struct Line {
    pub sender: Sender,
    pub operator: OperatorCode,
    pub operator_name: String,
    pub profile: Profile,
    pub uplink: Uplink,
    pub keys: Arc<dyn Seal>,
    pub clock: Arc<dyn Clock>,
    /// Where exchanges are kept.
    pub folder: PathBuf,
    pub(super) sign_in: Option<SignIn>,
    pub(super) exchanges: usize,
    /// Second and number of the latest message id.
    latest: (i64, u8),
}

impl Line {
    #[must_use]
    #[expect(clippy::too_many_arguments, reason = "a constructor that names its parts")]
    pub fn new(
        sender: Sender,
        operator: (OperatorCode, String),
        profile: Profile,
        uplink: Uplink,
        keys: Arc<dyn Seal>,
        clock: Arc<dyn Clock>,
        folder: PathBuf,
    ) -> Self {
        let (operator, operator_name) = operator;
        Self {
            sender,
            operator,
            operator_name,
            profile,
            uplink,
            keys,
            clock,
            folder,
            sign_in: None,
            exchanges: 0,
            latest: (0, 0),
        }
    }

    pub(super) const fn institution(&self) -> &InstitutionCode {
        &self.sender.institution
    }

    /// Institution, second, desk and number, as the agent makes them; never twice in one battery.
    fn next_message_id(&mut self, now: Timestamp) -> Result<MessageId, IdError> {
        let second = now.as_second().max(self.latest.0);
        self.latest = match self.latest {
            (before, 99) if before == second => (second.saturating_add(1), 0),
            (before, number) if before == second => (second, number.saturating_add(1)),
            _ => (second, 0),
        };
        let at = Timestamp::from_second(self.latest.0).unwrap_or(now);
        let time = beijing(at).strftime("%Y%m%d%H%M%S").to_string();
        MessageId::new(format!(
            "{}{time}{SLOT:02}{:02}",
            self.institution().as_str(),
            self.latest.1
        ))
    }

    pub(super) fn head(&mut self, insured_area: Area) -> Result<Head, Stop> {
        let now = self.clock.now();
        let message_id = self.next_message_id(now);
        Ok(Head {
            message_id: message_id.map_err(|error| Stop::Failed(error.to_string()))?,
            institution: self.sender.institution.clone(),
            institution_name: self.sender.institution_name.clone(),
            care_area: self.sender.care_area,
            insured_area,
            operator_code: self.operator.clone(),
            operator_name: self.operator_name.clone(),
            sign_in: self.sign_in.clone(),
            medium_token: None,
            at: now,
        })
    }

    /// One call of a bill: its reply and the id it was sent under.
    pub(super) async fn call(
        &mut self,
        call: &Call,
        credential: Option<&Credential>,
    ) -> Result<(Reply, MessageId), Stop> {
        let head = self.head(call.payer().area)?;
        let drafted = draft(call, credential, &head, &self.profile);
        let heard = self.exchange(drafted).await?;
        let reply = read_reply(call, &heard.message_id, &heard.body, &self.profile);
        match reply.map_err(unreadable)? {
            Reply::Refused { refusal } => Err(refused(&refusal)),
            reply => Ok((reply, heard.message_id)),
        }
    }

    pub(super) async fn ask(&mut self, inquiry: &Inquiry) -> Result<InquiryReply, Stop> {
        if !inquiry.is_offered(&self.profile) {
            return Err(Stop::NotSupported(String::from("档案未开通 not in the profile")));
        }
        let head = self.head(self.sender.care_area)?;
        let drafted = draft_inquiry(inquiry, &head, &self.profile);
        let heard = self.exchange(drafted).await?;
        match read_inquiry(inquiry, &heard.body, &self.profile).map_err(unreadable)? {
            InquiryReply::Refused(refusal) => Err(refused(&refusal)),
            reply => Ok(reply),
        }
    }

    /// Seals, sends, keeps.
    pub(super) async fn exchange(&mut self, drafted: Result<Draft, EncodeError>) -> Result<Heard, Stop> {
        let sealed = drafted.and_then(|draft| draft.seal(&*self.keys));
        let message = sealed.map_err(|error| match error {
            EncodeError::NotOffered(_) | EncodeError::NoPath(_) => Stop::NotSupported(error.to_string()),
            _ => Stop::Failed(error.to_string()),
        })?;
        let now = self.clock.now();
        let class = message.transaction.class();
        let timeout = self.profile.timeouts.of(class);
        let delivery = if message.transaction == Transaction::FetchFile {
            self.uplink.fetch(&message, timeout, FILE_BYTES_MAX, now).await
        } else {
            self.uplink.send(&message, class, timeout, now).await
        };
        self.exchanges += 1;
        let heard = self.opened(&message, delivery);
        let told = match &heard {
            Ok(heard) => masked(&heard.body),
            Err(Stop::Failed(why) | Stop::NotSupported(why) | Stop::Refused(why) | Stop::Unclear(why)) => {
                format!("{why:?}")
            }
        };
        self.keep(&message, &told)
            .map_err(|error| Stop::Failed(format!("cannot keep an exchange: {error}")))?;
        heard
    }

    fn opened(&self, message: &Message, delivery: Delivery) -> Result<Heard, Stop> {
        let (status, content_type, body) = match delivery {
            Delivery::NotSent(why) => return Err(Stop::Failed(format!("not sent: {why:?}"))),
            Delivery::Unknown(why) => return Err(Stop::Failed(format!("no answer: {why:?}"))),
            Delivery::Answered {
                status,
                content_type,
                body,
            } => (status, content_type, body),
        };
        if status == 404 {
            return Err(Stop::NotSupported(format!(
                "没有这个地址 no such address: {}",
                message.path
            )));
        }
        let body = if message.transaction == Transaction::FetchFile {
            body
        } else {
            let clear = clear_answer(message.transaction, &body, &self.profile, &*self.keys);
            clear.map_err(unreadable)?.into_owned()
        };
        Ok(Heard {
            message_id: message.message_id.clone(),
            status,
            content_type,
            body,
        })
    }

    fn keep(&self, message: &Message, answer: &str) -> std::io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let name = format!("{:03}-{}", self.exchanges, message.number);
        fs::write(
            self.folder.join(format!("{name}.request.json")),
            masked(&message.body),
        )?;
        fs::write(self.folder.join(format!("{name}.answer.json")), answer)
    }
}

const FILE_BYTES_MAX: usize = 64 * 1024 * 1024;

pub(super) fn unreadable(why: Unreadable) -> Stop {
    let words = why.words().and_then(|words| words.text.clone());
    match words {
        Some(words) if is_unknown(&words) => Stop::NotSupported(words),
        Some(words) => Stop::Unclear(format!("{why}: {words}")),
        None => Stop::Failed(why.to_string()),
    }
}

pub(super) fn refused(refusal: &Refusal) -> Stop {
    let words = refusal.platform.text.clone().unwrap_or_default();
    if is_unknown(&words) {
        Stop::NotSupported(words)
    } else {
        Stop::Refused(format!("refused {}: {words}", refusal.code))
    }
}

/// What platforms say of a transaction number they do not have.
fn is_unknown(words: &str) -> bool {
    ["未找到交易编号", "交易编号不存在", "未开通"]
        .iter()
        .any(|known| words.contains(known))
}
