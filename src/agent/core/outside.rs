//! What the loop needs of the world: somebody who builds messages, carries them and signs in. [`Network`] is the real
//! one; a simulation brings its own and sees every message the loop decides to send.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use zhijie_filing::{Act, ActEvent, Sight, Target};
use zhijie_model::{Area, BillId, Call, FilingCall, MessageId, OperatorCode};
use zhijie_settlement::{Bearer, Event, Moment, NotSent, Operator};
use zhijie_wire::Message;

use super::input::{ActHeard, Input};
use crate::filing::looking;
use crate::platform::Platform;

/// The world around the loop. Nothing here blocks: what becomes of a message or a sign-in comes back as an [`Input`].
pub trait Outside: Send + 'static {
    /// Whether calls of this operator would be taken at `now`, as far as known.
    fn signed_in(&self, operator: &OperatorCode, now: Timestamp) -> bool;

    /// The exact bytes of a call, built before the decision to send them is committed.
    ///
    /// # Errors
    /// The proof that nothing can be sent.
    fn encode(
        &self,
        call: &Call,
        bearer: Bearer<'_>,
        bill: &BillId,
        moment: &Moment,
    ) -> Result<Message, NotSent>;

    /// Carries a committed message once; ends in exactly one [`Input::Outcome`].
    fn post(&mut self, bill: BillId, call: Call, message: Message, now: Timestamp);

    /// Signs in; ends in exactly one [`Input::Wake`], or [`Input::Unsigned`] when it failed.
    fn sign_in(&mut self, bill: BillId, operator: Operator, message_id: MessageId);

    /// Until when nothing may be sent towards this insured region, as far as known now; `None`: the road is open.
    fn closed_until(&self, _area: Area, _now: Timestamp) -> Option<Timestamp> {
        None
    }

    /// Brings an outcome that could not be recorded back after a pause, as [`Input::Outcome`].
    fn record_later(&mut self, bill: BillId, event: Event, raw: Option<Vec<u8>>);

    /// The exact bytes of a filing, built before the decision to send them is committed.
    ///
    /// # Errors
    /// The proof that nothing can be sent.
    fn encode_filing(
        &self,
        _call: &FilingCall,
        _operator: &Operator,
        _moment: &Moment,
    ) -> Result<Message, NotSent> {
        Err(NotSent::Stopping)
    }

    /// Carries a committed filing once; ends in exactly one [`Input::Act`].
    fn post_filing(
        &mut self,
        _act: BillId,
        _call: FilingCall,
        _operator: OperatorCode,
        _message: Message,
        _now: Timestamp,
    ) {
    }

    /// Asks the register about an act in doubt; ends in exactly one [`Input::Act`]. One id is for a sign-in.
    fn look_for(&mut self, _id: BillId, _act: Act, _target: Target, _ids: [MessageId; 2]) {}

    /// Brings the end of a filing that could not be recorded back after a pause.
    fn act_later(&mut self, _act: BillId, _heard: ActHeard, _raw: Option<Vec<u8>>) {}
}

/// The real world: tasks on the runtime, the platform behind them.
#[derive(Debug)]
pub(super) struct Network {
    pub(super) platform: Arc<Platform>,
    pub(super) runtime: Handle,
    /// For outcomes of calls; never full for long because the loop is its only reader.
    pub(super) inputs: mpsc::WeakSender<Input>,
}

/// How long an outcome waits before it is recorded again.
const RECORD_PAUSE: Duration = Duration::from_millis(500);

impl Outside for Network {
    fn signed_in(&self, operator: &OperatorCode, now: Timestamp) -> bool {
        self.platform.signed_in(operator, now)
    }

    fn closed_until(&self, area: Area, now: Timestamp) -> Option<Timestamp> {
        let closed = self.platform.route_open(area, now)?;
        Some(closed.until.unwrap_or(now))
    }

    fn encode(
        &self,
        call: &Call,
        bearer: Bearer<'_>,
        bill: &BillId,
        moment: &Moment,
    ) -> Result<Message, NotSent> {
        self.platform.encode(call, bearer, bill, moment)
    }

    fn post(&mut self, bill: BillId, call: Call, message: Message, now: Timestamp) {
        let Some(inputs) = self.inputs.upgrade() else {
            return;
        };
        let platform = Arc::clone(&self.platform);
        self.runtime.spawn(async move {
            let (event, raw) = platform.send(&call, &message, now).await;
            let _ = inputs.send(Input::Outcome { bill, event, raw }).await;
        });
    }

    fn sign_in(&mut self, bill: BillId, operator: Operator, message_id: MessageId) {
        let Some(inputs) = self.inputs.upgrade() else {
            return;
        };
        let platform = Arc::clone(&self.platform);
        self.runtime.spawn(async move {
            let input = match platform.sign_in(&operator, message_id).await {
                Ok(()) => Input::Wake { bill },
                Err(trouble) => {
                    tracing::warn!(%bill, %trouble, "Cannot sign in to ask about a bill");
                    Input::Unsigned { bill }
                }
            };
            let _ = inputs.send(input).await;
        });
    }

    fn encode_filing(
        &self,
        call: &FilingCall,
        operator: &Operator,
        moment: &Moment,
    ) -> Result<Message, NotSent> {
        self.platform.encode_filing(call, operator, moment)
    }

    fn post_filing(
        &mut self,
        act: BillId,
        call: FilingCall,
        operator: OperatorCode,
        message: Message,
        now: Timestamp,
    ) {
        let Some(inputs) = self.inputs.upgrade() else {
            return;
        };
        let platform = Arc::clone(&self.platform);
        self.runtime.spawn(async move {
            let (end, raw) = platform.send_filing(&call, &operator, &message, now).await;
            let _ = inputs.send(happened(act, ActHeard::of_end(end), raw)).await;
        });
    }

    fn look_for(&mut self, id: BillId, act: Act, target: Target, [sign, ask]: [MessageId; 2]) {
        let Some(inputs) = self.inputs.upgrade() else {
            return;
        };
        let platform = Arc::clone(&self.platform);
        self.runtime.spawn(async move {
            let operator = Operator {
                code: act.new.operator,
                name: act.new.operator_name,
            };
            let payer = act.new.call.payer();
            let (sight, answer_digest) = match platform.sign_in(&operator, sign).await {
                Ok(()) => {
                    let question = looking::question(payer, &target, act.sent_at);
                    let told = platform.ask(&question, payer.area, &operator, ask).await;
                    let sight = looking::sight(&target, &told);
                    (sight, told.ok().map(|told| told.digest))
                }
                Err(trouble) => {
                    tracing::warn!(act = %id, %trouble, "Cannot sign in to ask about a filing");
                    (Sight::Nothing, None)
                }
            };
            let heard = ActHeard {
                answer_digest,
                ..ActHeard::of(ActEvent::Looked { sight })
            };
            let _ = inputs.send(happened(id, heard, None)).await;
        });
    }

    fn act_later(&mut self, act: BillId, heard: ActHeard, raw: Option<Vec<u8>>) {
        let Some(inputs) = self.inputs.upgrade() else {
            return;
        };
        self.runtime.spawn(async move {
            tokio::time::sleep(RECORD_PAUSE).await;
            let _ = inputs.send(happened(act, heard, raw)).await;
        });
    }

    fn record_later(&mut self, bill: BillId, event: Event, raw: Option<Vec<u8>>) {
        let Some(inputs) = self.inputs.upgrade() else {
            return;
        };
        self.runtime.spawn(async move {
            tokio::time::sleep(RECORD_PAUSE).await;
            let _ = inputs.send(Input::Outcome { bill, event, raw }).await;
        });
    }
}

fn happened(act: BillId, heard: ActHeard, raw: Option<Vec<u8>>) -> Input {
    Input::Act {
        act,
        heard: Box::new(heard),
        raw,
        request: None,
    }
}
