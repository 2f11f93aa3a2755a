//! Who has a connection, and whose is taken away when there is no room: whoever has never asked anything, the oldest first.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

use crate::connection::Limits;
use crate::peer::PeerId;

/// One connection's claim to its place.
#[derive(Debug, Default)]
pub(crate) struct Seat {
    asked: AtomicBool,
    taken_away: CancellationToken,
}

impl Seat {
    /// It has asked for something: from here on it stays until it goes.
    pub(crate) fn has_asked(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    /// Waits until the place is needed for somebody else.
    pub(crate) async fn taken_away(&self) {
        self.taken_away.cancelled().await;
    }
}

/// Why there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// All connections have asked for something.
    All,
    /// Those of this program have.
    OfThisProgram,
}

impl Full {
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::All => "too many connections",
            Self::OfThisProgram => "too many connections of one program",
        }
    }
}

/// In the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Seats(Vec<Taken>);

#[derive(Debug)]
struct Taken {
    pid: Option<i32>,
    seat: Arc<Seat>,
    connection: AbortHandle,
}

impl Seats {
    /// Whether this program may have one more connection; takes one away for it where that is needed and can be.
    pub(crate) fn make_room(&mut self, id: PeerId, limits: Limits) -> Result<(), Full> {
        self.0.retain(|taken| !taken.connection.is_finished());
        if let Some(pid) = id.pid
            && self.0.iter().filter(|taken| taken.pid == Some(pid)).count() >= limits.of_one_program_max
        {
            return self
                .take_away(|taken| taken.pid == Some(pid))
                .ok_or(Full::OfThisProgram);
        }
        if self.0.len() < limits.connections_max {
            return Ok(());
        }
        self.take_away(|_| true).ok_or(Full::All)
    }

    pub(crate) fn take(&mut self, id: PeerId, seat: Arc<Seat>, connection: AbortHandle) {
        let pid = id.pid;
        self.0.push(Taken {
            pid,
            seat,
            connection,
        });
    }

    fn take_away(&mut self, may: impl Fn(&Taken) -> bool) -> Option<()> {
        let silent = |taken: &Taken| !taken.seat.asked.load(Ordering::Relaxed);
        let oldest = self.0.iter().position(|taken| may(taken) && silent(taken))?;
        self.0.remove(oldest).seat.taken_away.cancel();
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        connections_max: 4,
        of_one_program_max: 3,
        ..Limits::DEFAULT
    };

    struct Room {
        seats: Seats,
        came: Vec<Arc<Seat>>,
    }

    impl Room {
        const fn new() -> Self {
            Self {
                seats: Seats(Vec::new()),
                came: Vec::new(),
            }
        }

        fn comes(&mut self, pid: Option<i32>) -> Result<(), Full> {
            let id = PeerId {
                connection: 0,
                uid: None,
                pid,
            };
            self.seats.make_room(id, LIMITS)?;
            let seat = Arc::<Seat>::default();
            let connection = tokio::spawn(core::future::pending::<()>()).abort_handle();
            self.seats.take(id, Arc::clone(&seat), connection);
            self.came.push(seat);
            Ok(())
        }

        fn left(&self) -> Vec<usize> {
            let gone = |at: &usize| self.came[*at].taken_away.is_cancelled();
            (0..self.came.len()).filter(gone).collect()
        }
    }

    #[tokio::test]
    async fn the_oldest_of_the_silent_makes_room() {
        let mut room = Room::new();
        for pid in 1..=4 {
            assert_eq!(room.comes(Some(pid)), Ok(()));
        }
        room.came[0].has_asked();
        assert_eq!(room.comes(Some(5)), Ok(()));
        assert_eq!(room.left(), [1]);
        assert_eq!(room.comes(None), Ok(()));
        assert_eq!(room.left(), [1, 2]);
        room.came.iter().for_each(|seat| seat.has_asked());
        assert_eq!(room.comes(Some(6)), Err(Full::All));
        assert_eq!(room.left(), [1, 2]);
        assert_eq!(room.seats.0.len(), LIMITS.connections_max);
    }

    #[tokio::test]
    async fn one_program_does_not_take_all_and_makes_room_for_itself_alone() {
        let mut room = Room::new();
        assert_eq!(room.comes(Some(1)), Ok(()));
        for _ in 0..3 {
            assert_eq!(room.comes(Some(2)), Ok(()));
        }
        assert_eq!(room.comes(Some(2)), Ok(()));
        assert_eq!(room.left(), [1], "of its own, though another one's is older");
        room.came.iter().skip(1).for_each(|seat| seat.has_asked());
        assert_eq!(room.comes(Some(2)), Err(Full::OfThisProgram));
        assert_eq!(room.comes(Some(3)), Ok(()));
        assert_eq!(room.left(), [0, 1]);
        room.seats.0[0].connection.abort();
        while !room.seats.0[0].connection.is_finished() {
            tokio::task::yield_now().await;
        }
        assert_eq!(room.comes(Some(2)), Ok(()), "one of its own has gone");
    }
}
