//! Steps as people read them.

use zhijie_settlement::Event;

use crate::cashier::Move;
use crate::request::Request;
use crate::world::Happening;

impl Happening {
    /// The desk whose PC has to be awake for it.
    pub(crate) const fn desk(&self) -> Option<usize> {
        match self {
            // What the centre does waits for nobody.
            Self::Arrives { .. } | Self::MakesStatement { .. } => None,
            Self::Outcome { desk, .. }
            | Self::SignedIn { desk, .. }
            | Self::Timer { desk, .. }
            | Self::Cashier { desk }
            | Self::AsksStatement { desk }
            | Self::TellsStatement { desk, .. }
            | Self::Kill { desk, .. }
            | Self::Start { desk }
            | Self::Jump { desk, .. }
            | Self::Sleep { desk, .. }
            | Self::DiskFull { desk, .. }
            | Self::DiskFails { desk, .. } => Some(*desk),
        }
    }

    pub(crate) fn line(&self) -> String {
        match self {
            Self::Arrives { desk, posted, .. } => {
                format!(
                    "centre gets {:?} {} of desk {desk}",
                    posted.call.transaction(),
                    posted.message_id
                )
            }
            Self::Outcome { desk, event, .. } => format!("desk {desk} learns: {}", outcome(event)),
            // Since when something is in doubt is told by a wall clock.
            Self::MakesStatement { desk, asked, .. } => {
                format!("desk {desk}: the centre makes {}", asked.line())
            }
            Self::TellsStatement { desk, asked, .. } => format!("desk {desk} is told {}", asked.line()),
            other => format!("{other:?}"),
        }
    }
}

impl Move {
    pub(crate) fn line(&self) -> String {
        let name = |request: &Request| format!("{} {}", request.method.name(), request.id);
        match self {
            Self::Ask(request) => name(request),
            Self::Twice(request) => format!("{} twice", name(request)),
            Self::Again(request) => format!("{} again", name(request)),
            Self::Alter(request) => format!("{} altered", name(request)),
            Self::Status(request) => format!("status of {}", request.id),
            Self::Nothing => String::from("nothing"),
        }
    }
}

fn outcome(event: &Event) -> String {
    match event {
        Event::Answered { message_id, reply } => {
            let text = format!("{reply:?}");
            let name: String = text.chars().take_while(|c| c.is_alphanumeric()).collect();
            let rows = text.matches("QueryRow").count();
            format!("{message_id} answered {name} ({rows} rows)")
        }
        Event::NotSent { message_id, reason } => format!("{message_id} not sent: {}", reason.name()),
        Event::Lost { message_id, silence } => format!("{message_id} lost: {}", silence.name()),
        other => format!("{other:?}"),
    }
}
