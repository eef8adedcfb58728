//! Many requests, put together side by side and handed on one after the other.
//!
//! One thread reads, as many as there are processors put together, and the caller's takes
//! them in, in the order in which the store gives them. Only a few batches are in memory.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::engine::answer::{ENTRIES_MAX, Source};
use crate::model::entry::Entry;
use crate::model::id::TraceId;
use crate::model::notice::Notice;
use crate::model::trace::Trace;
use crate::store::{Found, StoreError, Window};
use crate::trace::assemble;
use crate::trace::knowledge::Knowledge;

/// Requests that go from thread to thread together: enough that the handing over is cheap.
const BATCH: usize = 32;

/// Batches that wait for each thread.
const QUEUE: usize = 2;

/// More threads than this wait for the one that reads.
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
    thread::scope(|scope| {
        let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
        for _ in 0..threads {
            let (input, batches) = bounded(QUEUE);
            let (seen, output) = bounded(QUEUE);
            let knowledge = source.knowledge;
            scope.spawn(move || work(&batches, &seen, knowledge, look));
            inputs.push(input);
            outputs.push(output);
        }
        let reader = scope.spawn(move || read(source, wanted, &inputs));
        take(&outputs, visit);
        // Whoever still writes learns by this that nobody listens any more.
        drop(outputs);
        reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

type Batch = Vec<(TraceId, Found<Entry>)>;

/// Reads the wanted requests and deals them out in turn.
fn read(source: &Source<'_>, wanted: &Wanted, inputs: &[Sender<Batch>]) -> Result<(), StoreError> {
    let mut batch = Batch::with_capacity(BATCH);
    let mut turn = 0;
    let mut deal = |batch: Batch| {
        turn += 1;
        match inputs[(turn - 1) % inputs.len()].send(batch) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    };
    source.reader.each_trace(&wanted.window, ENTRIES_MAX, &mut |id, found| {
        if wanted.ids.as_ref().is_some_and(|ids| !ids.contains(&id)) {
            return ControlFlow::Continue(());
        }
        batch.push((id, found));
        if batch.len() < BATCH {
            return ControlFlow::Continue(());
        }
        deal(std::mem::replace(&mut batch, Batch::with_capacity(BATCH)))
    })?;
    let _ = deal(batch);
    Ok(())
}

fn work<Seen>(
    batches: &Receiver<Batch>,
    output: &Sender<Vec<Seen>>,
    knowledge: &Knowledge,
    look: &(dyn Fn(Trace) -> Seen + Sync),
) {
    for batch in batches {
        let seen = batch.into_iter().map(|(id, found)| look(put_together(id, found, knowledge)));
        if output.send(seen.collect()).is_err() {
            return;
        }
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

/// Takes the batches in, in the order in which they were dealt out.
fn take<Seen>(outputs: &[Receiver<Vec<Seen>>], visit: &mut dyn FnMut(Seen) -> ControlFlow<()>) {
    for turn in 0.. {
        let Ok(batch) = outputs[turn % outputs.len()].recv() else { return };
        for seen in batch {
            if visit(seen).is_break() {
                return;
            }
        }
    }
}
