//! An entry as bytes and back, exactly.
//!
//! Version 1. The original bytes come first; every text that is part of them is written
//! as a range of them, and strings that repeat (path, service, field names) are places in
//! the block's dictionary. Times and positions are differences to the entry before.
//!
//! Always: `read(write(entry)) == entry`; foreign bytes give
//! [`Malformed`](crate::store::embedded::wire::Malformed), never a panic.

use crate::model::entry::Entry;
use crate::model::id::{SpanId, TraceId};
use crate::model::time::Timestamp;

pub(super) mod read;
#[cfg(test)]
mod tests;
pub(super) mod write;

/// Lists in lists deeper than this are written as their text: no decoder makes them.
const LIST_DEPTH_MAX: usize = 64;

/// What is known from the entry before, in the same group.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Previous {
    time: i64,
    line: u64,
    offset: u64,
    trace: Option<TraceId>,
    span: Option<SpanId>,
}

impl Previous {
    fn follow(&mut self, entry: &Entry) {
        self.time = entry.time().map_or(self.time, Timestamp::nanoseconds);
        self.line = entry.record.position.line;
        self.offset = entry.record.position.offset;
        self.trace = entry.context.trace_id;
        self.span = entry.context.span_id;
    }
}
