//! Many requests, put together side by side and handed on one after the other.
//!
//! As many threads as there are processors read runs of requests in turn and put them
//! together; the caller's takes them in, in the order of the store. Only a few runs are in
//! memory.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::engine::answer::{ENTRIES_MAX, Source};
use crate::model::entry::Entry;
use crate::model::id::TraceId;
use crate::model::notice::Notice;
use crate::model::trace::Trace;
use crate::store::runs::Runs;
use crate::store::{Found, StoreError, Window};
use crate::trace::assemble;
use crate::trace::knowledge::Knowledge;

/// Runs that each thread is ahead of who takes them in.
const QUEUE: usize = 2;

/// More threads than this wait for the one that takes in.
const THREADS_MAX: usize = 8;

/// Which requests are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Those with an entry in this window.
    pub window: Window,
    /// Of them those with these ids; all, if none are named.
    pub ids: Option<HashSet<TraceId>>,
}

/// Calls `visit` with what `look` sees in every wanted request, oldest first. Stops when told to.
/// `look` is called in several threads.
///
/// # Errors
/// When the store cannot be read.
pub fn each<Seen: Send>(
    source: &Source<'_>,
    wanted: &Wanted,
    look: &(dyn Fn(Trace) -> Seen + Sync),
    visit: &mut dyn FnMut(Seen) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let threads = thread::available_parallelism().map_or(1, |count| count.get().min(THREADS_MAX));
    let runs = source.reader.runs(&wanted.window, ENTRIES_MAX)?;
    let work = Work { runs: &*runs, ids: wanted.ids.as_ref(), knowledge: source.knowledge, look };
    thread::scope(|scope| {
        let (mut workers, mut outputs) = (Vec::new(), Vec::new());
        for first in 0..threads {
            let (seen, output) = bounded(QUEUE);
            let work = &work;
            workers.push(scope.spawn(move || work.of((first..).step_by(threads), &seen)));
            outputs.push(output);
        }
        take(&outputs, visit);
        // Whoever still writes learns by this that nobody listens any more.
        drop(outputs);
        let joined = workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.collect()
    })
}

/// What every thread does.
struct Work<'a, Seen> {
    runs: &'a dyn Runs,
    ids: Option<&'a HashSet<TraceId>>,
    knowledge: &'a Knowledge,
    look: &'a (dyn Fn(Trace) -> Seen + Sync),
}

impl<Seen> Work<'_, Seen> {
    /// Reads runs, puts their requests together and looks at them, until nobody listens.
    fn of(
        &self,
        numbers: impl Iterator<Item = usize>,
        output: &Sender<Vec<Seen>>,
    ) -> Result<(), StoreError> {
        let is_wanted = |id| self.ids.is_none_or(|ids| ids.contains(&id));
        for number in numbers.take_while(|number| *number < self.runs.count()) {
            let run = self.runs.run(number, &is_wanted)?.into_iter();
            let seen = run.map(|(id, found)| (self.look)(put_together(id, found, self.knowledge)));
            if output.send(seen.collect()).is_err() {
                break;
            }
        }
        Ok(())
    }
}

/// Puts a request together of which only a part may be at hand; it says so then.
pub(super) fn put_together(id: TraceId, found: Found<Entry>, knowledge: &Knowledge) -> Trace {
    let shown = found.items.len() as u64;
    let mut trace = assemble(id, found.items, knowledge);
    if found.total > shown {
        trace.notices.push(Notice::Truncated { shown, total: found.total });
    }
    trace
}

/// Takes the runs in, in their order.
fn take<Seen>(outputs: &[Receiver<Vec<Seen>>], visit: &mut dyn FnMut(Seen) -> ControlFlow<()>) {
    for turn in 0.. {
        let Ok(run) = outputs[turn % outputs.len()].recv() else { return };
        for seen in run {
            if visit(seen).is_break() {
                return;
            }
        }
    }
}
