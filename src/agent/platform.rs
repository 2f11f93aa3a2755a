//! The agent's end of the platform: messages built for this institution, the sign-in of each operator, and the
//! questions outside any bill. What came back to a call is read in [`crate::reading`].

mod files;
mod filing;
mod sessions;
mod statement;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;
use zhijie_model::{
    Area, BillId, Call, Credential, CredentialKind, InstitutionCode, MessageId, OperatorCode, Private, Reply,
    SignIn, beijing, business_day,
};
use zhijie_ports::{MediumAsk, MediumFault, MediumReading, SecurityControl};
use zhijie_settlement::{Bearer, Event, Moment, NotSent, Operator};
use zhijie_uplink::{Delivery, Silence, Uplink};
use zhijie_wire::{
    Counter, EncodeError, Head, Inquiry, InquiryReply, Message, NoSeal, Profile, Seal, Unreadable,
    VoucherUse, clear_answer, draft, draft_inquiry, read_inquiry, voucher_request,
};

use crate::clock::Clock;
use crate::faults::{self, TURNED_AWAY};
use crate::identities::Identities;
use crate::media::Media;
use crate::reading::{self, is_turned_away, not_sent};
use crate::routes::{Closed, Heard, Passage, Routes, Work};

pub use crate::trouble::Trouble;

/// Whose agent this is, as every message says.
#[derive(Debug, Clone)]
pub struct Sender {
    pub institution: InstitutionCode,
    pub institution_name: String,
    pub care_area: Area,
    /// Address of this PC as the sign-in tells it.
    pub address: String,
}

/// An answer with what it was read from.
#[derive(Debug)]
pub struct Told {
    pub reply: InquiryReply,
    /// SM3 of the answer as it came, 64 lower-case hex digits.
    pub digest: String,
}

/// The platform as the agent sees it.
#[derive(Debug)]
pub struct Platform {
    sender: Sender,
    profile: Profile,
    uplink: Uplink,
    keys: Arc<dyn Seal>,
    media: Media,
    clock: Arc<dyn Clock>,
    identities: Arc<Identities>,
    routes: Arc<Routes>,
    sessions: Mutex<BTreeMap<OperatorCode, Session>>,
    /// One sign-in of an operator at a time.
    gates: Mutex<BTreeMap<OperatorCode, Arc<tokio::sync::Mutex<()>>>>,
    last_ok: Mutex<Option<Timestamp>>,
    /// The latest call that brought no answer of the platform, unless a good one came after it.
    last_trouble: Mutex<Option<(Timestamp, &'static str)>>,
}

#[derive(Debug, Clone)]
struct Session {
    number: SignIn,
    /// Sign-ins are made per business day.
    day: Date,
}

impl Platform {
    #[must_use]
    pub fn new(
        sender: Sender,
        profile: Profile,
        uplink: Uplink,
        clock: Arc<dyn Clock>,
        identities: Arc<Identities>,
        routes: Arc<Routes>,
    ) -> Self {
        Self {
            sender,
            profile,
            uplink,
            keys: Arc::new(NoSeal),
            media: Media::default(),
            clock,
            identities,
            routes,
            sessions: Mutex::default(),
            gates: Mutex::default(),
            last_ok: Mutex::default(),
            last_trouble: Mutex::default(),
        }
    }

    /// With keys for provinces that sign or encrypt.
    #[must_use]
    pub fn with_keys(mut self, keys: Arc<dyn Seal>) -> Self {
        self.keys = keys;
        self
    }

    /// With the control of a security medium.
    #[must_use]
    pub fn with_control(mut self, control: Option<Arc<dyn SecurityControl>>) -> Self {
        self.media = Media::new(control);
        self
    }

    /// Has the control read its card for one transaction, whose message then carries the token.
    ///
    /// # Errors
    /// [`MediumFault`].
    pub async fn read_medium(&self, number: &str, now: Timestamp) -> Result<MediumReading, MediumFault> {
        let ask = MediumAsk {
            transaction: String::from(number),
            institution: String::from(self.sender.institution.as_str()),
            care_area: self.sender.care_area.to_string(),
            at: beijing(now).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        };
        self.media.read(ask).await
    }

    /// Who asks.
    #[must_use]
    pub fn institution(&self) -> &InstitutionCode {
        &self.sender.institution
    }

    #[must_use]
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    #[must_use]
    pub const fn sender(&self) -> &Sender {
        &self.sender
    }

    /// What may stop a call before it is sent.
    #[must_use]
    pub const fn routes(&self) -> &Arc<Routes> {
        &self.routes
    }

    /// What would keep a settlement of a patient of `area` from being sent now; `None` when nothing is known to.
    #[must_use]
    pub fn route_open(&self, area: Area, now: Timestamp) -> Option<Closed> {
        self.routes.closed(&Passage::settlement(area), now)
    }

    /// Whether the platform's entrance takes a connection; nothing is said on it.
    pub async fn knock(&self) -> bool {
        self.uplink.knock().await
    }

    /// Last well-formed answer of the platform.
    #[must_use]
    pub fn last_ok(&self) -> Option<Timestamp> {
        *lock(&self.last_ok)
    }

    /// When the platform last gave no answer, and the code of the fault, unless it answered since.
    #[must_use]
    pub fn last_trouble(&self) -> Option<(Timestamp, &'static str)> {
        *lock(&self.last_trouble)
    }

    fn answered_well(&self, now: Timestamp) {
        *lock(&self.last_ok) = Some(now);
        *lock(&self.last_trouble) = None;
    }

    /// Whether calls of this operator would be accepted today, as far as known.
    #[must_use]
    pub fn signed_in(&self, operator: &OperatorCode, now: Timestamp) -> bool {
        !self.profile.sign_in_needed || self.session(operator, now).is_some()
    }

    /// Whether anybody is signed in today, or nobody needs to be.
    #[must_use]
    pub fn anybody_signed_in(&self, now: Timestamp) -> bool {
        let today = business_day(now);
        !self.profile.sign_in_needed || lock(&self.sessions).values().any(|session| session.day == today)
    }

    fn session(&self, operator: &OperatorCode, now: Timestamp) -> Option<SignIn> {
        let today = business_day(now);
        lock(&self.sessions)
            .get(operator)
            .filter(|session| session.day == today)
            .map(|session| session.number.clone())
    }

    /// As [`Platform::ask`], without the digest.
    ///
    /// # Errors
    /// As [`Platform::ask`].
    pub async fn inquire(
        &self,
        inquiry: &Inquiry,
        insured_area: Area,
        operator: &Operator,
        message_id: MessageId,
    ) -> Result<InquiryReply, Trouble> {
        let told = self.ask(inquiry, insured_area, operator, message_id).await?;
        Ok(told.reply)
    }

    /// Asks one question and reads its answer. Changes nothing at the centre but sign-ins.
    ///
    /// # Errors
    /// [`Trouble`], naming the link in its parts; a refusal is an answer and comes as `Ok`.
    pub async fn ask(
        &self,
        inquiry: &Inquiry,
        insured_area: Area,
        operator: &Operator,
        message_id: MessageId,
    ) -> Result<Told, Trouble> {
        let now = self.clock.now();
        let mut head = self.head(message_id, insured_area, operator, now);
        if let Inquiry::Person { credential, .. } = inquiry
            && let Some(number) = self.profile.medium_number(inquiry.transaction())
        {
            head.medium_token = self.media.token(number, credential, false);
        }
        let draft = draft_inquiry(inquiry, &head, &self.profile);
        let message = self.sealed(draft)?;
        let passage = Passage::of_inquiry(inquiry, insured_area, self.sender.care_area);
        let leave = self.routes.admit(&passage, now);
        let leave = leave.map_err(|closed| Trouble::NotSent(closed.not_sent()))?;
        let told = self.exchange(inquiry, &message, operator, now).await;
        let heard = Heard::of_inquiry(told.as_ref().map(|told| &told.reply), &self.profile.words);
        leave.heard(heard, self.clock.now());
        told
    }

    async fn exchange(
        &self,
        inquiry: &Inquiry,
        message: &Message,
        operator: &Operator,
        now: Timestamp,
    ) -> Result<Told, Trouble> {
        let (status, body) = match self.deliver(message, now).await {
            Delivery::NotSent(reason) => return Err(Trouble::NotSent(not_sent(reason))),
            Delivery::Unknown(Silence::TlsAlert) => return Err(Trouble::TlsAlert),
            Delivery::Unknown(silence) => return Err(Trouble::Lost(format!("{silence:?}"))),
            Delivery::Answered { status, body, .. } => (status, body),
        };
        let reply = self
            .clear(message, &body)
            .and_then(|clear| read_inquiry(inquiry, &clear, &self.profile));
        let reply = reply.map_err(|unreadable| {
            if is_turned_away(status) {
                Trouble::TurnedAway(self.with_clock(format!("{TURNED_AWAY}, status {status}")))
            } else {
                Trouble::Unreadable(unreadable)
            }
        })?;
        self.answered_well(now);
        if let InquiryReply::Refused(refusal) = &reply
            && refusal.sign_in_lost
        {
            self.forget_sign_in(&operator.code);
        }
        Ok(Told {
            reply,
            digest: hex::encode(zhijie_ledger::digest(&body)),
        })
    }

    /// The exact bytes of a call of a bill, with the credential from memory where the call carries one.
    ///
    /// # Errors
    /// The proof that nothing can have been sent.
    pub fn encode(
        &self,
        call: &Call,
        bearer: Bearer<'_>,
        bill: &BillId,
        moment: &Moment,
    ) -> Result<Message, NotSent> {
        let operator = bearer.operator;
        if !self.signed_in(&operator.code, moment.now) {
            return Err(NotSent::NoSignIn {
                evidence: self.why_no_sign_in(moment.now),
            });
        }
        let credential = if call.needs_credential() {
            Some(self.credential(bearer, bill, moment.now)?)
        } else {
            None
        };
        let mut head = self.head(moment.message_id.clone(), call.payer().area, operator, moment.now);
        if let (Some(credential), Some(number)) =
            (&credential, self.profile.medium_number(call.transaction()))
        {
            head.medium_token = self.media.token(number, credential, true);
            if head.medium_token.is_none() && credential.kind == CredentialKind::Card {
                return Err(NotSent::CredentialGone);
            }
        }
        let draft = draft(call, credential.as_ref(), &head, &self.profile);
        let sealed = draft.and_then(|draft| draft.seal(&*self.keys));
        sealed.map_err(|error| NotSent::NotEncodable {
            evidence: error.to_string(),
        })
    }

    /// A sign-in that a closed route prevented is told as that.
    fn why_no_sign_in(&self, now: Timestamp) -> String {
        let closed = self.routes.closed(&Passage::SESSION, now);
        closed.map_or_else(|| String::from("nobody is signed in"), |closed| closed.evidence())
    }

    fn credential(&self, bearer: Bearer<'_>, bill: &BillId, now: Timestamp) -> Result<Credential, NotSent> {
        if let Some(stored) = bearer.credential {
            return Ok(stored.clone());
        }
        self.identities
            .for_bill(bearer.identity, bill, now)
            .map(|identity| identity.credential)
            .map_err(|_| NotSent::CredentialGone)
    }

    /// Sends a call once, unless a route of it is closed, and says what became of it; with the raw bytes, when some
    /// came back.
    pub async fn send(&self, call: &Call, message: &Message, now: Timestamp) -> (Event, Option<Vec<u8>>) {
        let passage = Passage::of_call(call);
        let admitted = if passage.work == Work::Query {
            self.routes.admit_question(&passage, &*self.clock).await
        } else {
            self.routes.admit(&passage, now)
        };
        let leave = match admitted {
            Ok(leave) => leave,
            Err(closed) => {
                let message_id = message.message_id.clone();
                tracing::info!(%message_id, number = message.number, route = ?closed.route, "Not sent, the route is closed");
                let reason = closed.not_sent();
                return (Event::NotSent { message_id, reason }, None);
            }
        };
        let now = self.clock.now();
        let (event, body) = self.carry(call, message, now).await;
        let clear = body.as_deref().and_then(|body| self.clear(message, body).ok());
        let heard = Heard::of_call(call, &event, clear.as_deref(), &self.profile);
        leave.heard(heard, self.clock.now());
        (event, body)
    }

    /// The answer as it can be read; what is kept is the answer as it came.
    fn clear<'a>(&self, message: &Message, body: &'a [u8]) -> Result<Cow<'a, [u8]>, Unreadable> {
        clear_answer(message.transaction, body, &self.profile, &*self.keys)
    }

    async fn carry(&self, call: &Call, message: &Message, now: Timestamp) -> (Event, Option<Vec<u8>>) {
        let delivery = self.deliver(message, now).await;
        let message_id = message.message_id.clone();
        let (mut event, raw) = reading::outcome_of(call, message_id, delivery, &self.profile, |body| {
            self.clear(message, body)
        });
        if let Event::Lost {
            silence: zhijie_settlement::Silence::Unreadable { evidence },
            ..
        } = &mut event
            && evidence.starts_with(TURNED_AWAY)
        {
            *evidence = self.with_clock(std::mem::take(evidence));
        }
        if let Event::Answered { reply, .. } = &event {
            self.answered_well(self.clock.now());
            if let Reply::Refused { refusal } = &**reply
                && refusal.sign_in_lost
            {
                lock(&self.sessions).clear();
            }
        }
        (event, raw)
    }

    /// Evidence of having been turned away, with the clock as its likely cause where that is off.
    fn with_clock(&self, evidence: String) -> String {
        match faults::clock_words(self.clock_offset_s()) {
            Some(words) => format!("{evidence}; {words}"),
            None => evidence,
        }
    }

    /// Seconds by which the platform's clock is ahead of this PC's, by its latest answer.
    #[must_use]
    pub fn clock_offset_s(&self) -> Option<i64> {
        self.uplink.clock_offset().map(|offset| offset.as_secs())
    }

    async fn deliver(&self, message: &Message, now: Timestamp) -> Delivery {
        let class = message.transaction.class();
        let delivery = self
            .uplink
            .send(message, class, self.profile.timeouts.of(class), now)
            .await;
        let trouble = match &delivery {
            Delivery::NotSent(reason) => match not_sent(*reason) {
                NotSent::Handshake { evidence } => {
                    faults::harmless(&evidence).map_or("GATE-002", |entry| entry.code)
                }
                NotSent::Unreachable { evidence } => {
                    faults::harmless(&evidence).map_or("GATE-001", |entry| entry.code)
                }
                _ => "GATE-001",
            },
            Delivery::Unknown(Silence::TlsAlert) => "GATE-012",
            Delivery::Unknown(_) => "PLAT-010",
            Delivery::Answered { status, .. } if is_turned_away(*status) => "GATE-007",
            Delivery::Answered { .. } => return delivery,
        };
        *lock(&self.last_trouble) = Some((now, trouble));
        delivery
    }

    /// What a library that scans e-vouchers is handed.
    ///
    /// # Errors
    /// As [`zhijie_wire::voucher_request`].
    pub fn voucher_request(
        &self,
        usage: VoucherUse,
        counter: &Counter,
        operator: &Operator,
        message_id: MessageId,
    ) -> Result<Private, EncodeError> {
        let head = self.head(message_id, self.sender.care_area, operator, self.clock.now());
        voucher_request(usage, counter, &head, &self.profile)
    }

    fn head(&self, message_id: MessageId, insured_area: Area, operator: &Operator, at: Timestamp) -> Head {
        Head {
            message_id,
            institution: self.sender.institution.clone(),
            institution_name: self.sender.institution_name.clone(),
            care_area: self.sender.care_area,
            insured_area,
            operator_code: operator.code.clone(),
            operator_name: operator.name.clone(),
            sign_in: self.session(&operator.code, at),
            medium_token: None,
            at,
        }
    }

    fn forget_sign_in(&self, operator: &OperatorCode) {
        lock(&self.sessions).remove(operator);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
