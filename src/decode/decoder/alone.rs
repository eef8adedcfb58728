//! Lines that stand alone: what they mean does not depend on those around them, so that who
//! knows their shape need not have them decoded.

use std::mem;

use crate::decode::clock::Clock;
use crate::decode::decoder::{Decoder, LANES_MAX};
use crate::decode::open::Open;
use crate::model::line::{Line, Position};
use crate::model::record::{Record, TimeBasis};

/// A line that stands alone, understood.
#[derive(Debug)]
pub struct Alone {
    /// Its record, as of the beginning of a stream.
    pub record: Record,
    /// Which stream inside its file (container and output stream) it belongs to.
    pub lane: u64,
}

impl Decoder {
    /// What a line means, whatever stands around it; none if that depends on other lines or
    /// if it may go on in the next one. The stream being decoded is not touched.
    pub fn read_alone(&mut self, bytes: &[u8]) -> Option<Alone> {
        if self.space.table.is_some() {
            return None;
        }
        let others = mem::take(&mut self.lanes);
        let clock = mem::replace(&mut self.clock, Clock::new(None));
        let mut records = Vec::new();
        let pushed = Line { bytes, position: Position::START, cut: 0, terminated: true };
        self.push(pushed, &mut records);
        let stands = match self.lanes.as_slice() {
            [lane] if records.is_empty() && lane.pending.is_none() => {
                let may_go_on = |open: &Open| self.definitions.may_go_on(open.definition());
                let open = lane.open.as_ref();
                open.filter(|open| open.stands_alone() && !may_go_on(open)).map(|_| lane.key)
            }
            _ => None,
        };
        self.finish(&mut records);
        self.lanes = others;
        self.clock = clock;
        let lane = stands?;
        let record = records.pop()?;
        let states_time = record.time.as_ref().is_some_and(|time| {
            matches!(time.basis, TimeBasis::Line | TimeBasis::Envelope | TimeBasis::ZoneAssumed)
        });
        states_time.then_some(Alone { record, lane })
    }

    /// Whether lines whose time is known by `basis` when they are read alone mean the same in
    /// this stream.
    pub fn agrees(&self, basis: TimeBasis) -> bool {
        self.space.table.is_none() && self.rehearsal.is_none() && !self.clock.is_biased(basis)
    }

    /// Whether a line that stands alone, known by its shape, would end what is open in its
    /// lane. If it would, that is done.
    pub fn yield_to_alone(&mut self, lane: u64, records: &mut Vec<Record>) -> bool {
        let known = self.lanes.len();
        let Some(lane) = self.lanes.iter_mut().find(|open| open.key == lane) else {
            return known < LANES_MAX;
        };
        let may_go_on = |open: &Open| self.definitions.may_go_on(open.definition());
        if lane.pending.is_some()
            || lane.open.as_ref().is_some_and(may_go_on)
            || !lane.open.as_ref().is_none_or(Open::yields)
        {
            return false;
        }
        records.extend(lane.open.take().map(Open::close));
        true
    }
}
