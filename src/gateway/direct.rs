//! Gates 6 and 7 where no journal is kept. A decision is as durable there as it will ever be, so it
//! goes to the venue under the very lock under which it was made; as a rule the ending is known
//! before anybody has begun to wait for it.

use crate::gateway::core::Core;
use crate::gateway::meter;
use crate::gateway::observer::{Gate, Laps};
use crate::gateway::waiters::Listener;
use crate::venue::{Command, Execution, Venue};

/// The way to the venue.
pub(super) struct Direct {
    venue: Box<dyn Venue>,
    /// Empty but for the time of a call; kept for its memory.
    answers: Vec<Execution>,
}

impl Direct {
    /// `answers`: so many at a time have memory from the start.
    pub(super) fn new(venue: Box<dyn Venue>, answers: usize) -> Self {
        Self { venue, answers: Vec::with_capacity(answers) }
    }
}

impl Core {
    /// Sends what was decided, folds what the venue says, and tells who waits. Whether that ends the
    /// order itself: a venue that is slow to answer does so with its answers to others.
    pub(super) fn deliver(
        &mut self,
        order_id: u64,
        now: u64,
        listener: &Listener,
        laps: &mut Laps<'_>,
    ) -> bool {
        laps.lap(Gate::Journal);
        let command = self.state.command(order_id);
        if command.is_none() {
            self.acknowledge(order_id, listener);
            return true;
        }
        let mut is_ended = false;
        self.exchange(now, command.as_ref(), |core, answered| {
            if answered == order_id {
                core.acknowledge(order_id, listener);
                is_ended = true;
            } else {
                meter::decided(&core.end(answered));
            }
        });
        laps.lap(Gate::Venue);
        is_ended
    }

    /// Sends a command, if there is one, folds what the venue says, and names each request that it
    /// ends.
    fn exchange(
        &mut self,
        now: u64,
        command: Option<&Command>,
        mut ended: impl FnMut(&mut Core, u64),
    ) {
        let Some(direct) = &mut self.direct else { return };
        let mut answers = std::mem::take(&mut direct.answers);
        if let Some(command) = command {
            direct.venue.submit(command, &mut answers);
        }
        direct.venue.events(&mut answers);
        for execution in &answers {
            let (is_answered, told) = self.hear(now, execution);
            if is_answered {
                ended(self, execution.order_id);
            }
            if let Some(told) = told {
                self.completions.push_execution(execution, told);
            }
        }
        answers.clear();
        if let Some(direct) = &mut self.direct {
            direct.answers = answers;
        }
    }

    fn acknowledge(&mut self, order_id: u64, listener: &Listener) {
        let ack = self.state.ack(order_id);
        meter::decided(&ack);
        self.tell(&ack, listener);
    }

    /// Sends a cancel of the gateway's own, and folds what the venue says.
    pub(super) fn deliver_cancel(&mut self, order_id: u64, now: u64) {
        let Some(command) = self.state.command(order_id) else { return };
        self.exchange(now, Some(&command), |core, answered| meter::decided(&core.end(answered)));
    }

    /// Folds what the venue says without being sent anything.
    pub(super) fn listen(&mut self, now: u64) {
        self.exchange(now, None, |core, answered| meter::decided(&core.end(answered)));
    }
}
