use std::ops::Range;
use std::sync::Arc;

use proptest::prelude::*;

use crate::model::line::Position;
use crate::model::template::{Dated, Filled, Made, Measured, Piece, SlotKind, Template};
use crate::store::embedded::columns::read::StoredLines;
use crate::store::embedded::columns::write::ColumnsWriter;
use crate::store::embedded::template_codec;
use crate::store::embedded::tests::samples::plain_entry;
use crate::store::embedded::wire::Malformed;

/// Kinds with texts at the ends of what they allow.
fn kinds() -> Vec<(SlotKind, Vec<&'static str>)> {
    let moment = SlotKind::Moment { date: b'-', middle: b'T', point: b'.', digits: 3 };
    let slashed = SlotKind::Moment { date: b'/', middle: b' ', point: b',', digits: 0 };
    let clock = SlotKind::Clock { point: b',', digits: 9 };
    vec![
        (SlotKind::Digit, vec!["1", "9"]),
        (SlotKind::Digits, vec!["10", "999999999999999"]),
        (SlotKind::Padded, vec!["01", "000000000000001", "007"]),
        (SlotKind::Long(16), vec!["1000000000000000", "9999999999999999"]),
        (SlotKind::Long(19), vec!["1772438400018000000", "9999999999999999999"]),
        (SlotKind::Long(20), vec!["99999999999999999999", "10000000000000000000"]),
        (SlotKind::Epoch(10), vec!["1772438400", "1000000000"]),
        (SlotKind::Epoch(13), vec!["1772438400018", "1999999999999"]),
        (SlotKind::EpochDecimal(6), vec!["1772438400.018255", "1000000000.000000"]),
        (SlotKind::EpochDecimal(9), vec!["1999999999.999999999", "1772438400.000000001"]),
        (SlotKind::Decimal, vec!["0.05", "505.730", "999999999999999.999999999", "1.0"]),
        (SlotKind::Quad, vec!["10.0.0.1", "999.255.1.0"]),
        (SlotKind::Hexadecimal(9), vec!["0000000a1", "fffffff0f"]),
        (SlotKind::Hexadecimal(16), vec!["00f067aa0ba902b7", "c19f04a7e6b35d28"]),
        (SlotKind::Hexadecimal(32), vec!["7b2f9c41d05e83a6194cbe70f2a85d13"]),
        (SlotKind::Hexadecimal(40), vec!["7b2f9c41d05e83a6194cbe70f2a85d13aaaabbb1"]),
        (SlotKind::Uuid, vec!["4d2a46c7-71cb-4cf1-b5bb-b68406d9da6f"]),
        (SlotKind::Mixed(8), vec!["GF4Q2mXb"]),
        (moment, vec!["2026-11-21T09:30:15.250", "1700-01-01T00:00:00.000"]),
        (slashed, vec!["2026/11/21 09:30:15", "2200/12/31 23:59:59"]),
        (clock, vec!["00:00:00,000000000", "23:59:59,999999999"]),
    ]
}

fn template(kinds: &[SlotKind]) -> Template {
    let slots = 0..kinds.len() as u16;
    let parts = slots.flat_map(|slot| [Piece::Slot(slot), Piece::Text("é|".into())]);
    let mut sample = plain_entry("a.log", 1);
    sample.record.raw = Vec::new();
    Template {
        line: parts.collect(),
        slots: kinds.to_vec(),
        sample,
        made: Vec::new(),
        trace: None,
        span: None,
        parent: None,
        time: None,
        duration: None,
    }
}

/// The line of these texts, and where they are in it.
fn line(texts: &[&str]) -> (Vec<u8>, Vec<Range<u32>>) {
    let mut bytes = Vec::new();
    let mut slots = Vec::new();
    for text in texts {
        slots.push(bytes.len() as u32..(bytes.len() + text.len()) as u32);
        bytes.extend_from_slice(text.as_bytes());
        bytes.extend_from_slice("é|".as_bytes());
    }
    (bytes, slots)
}

/// Which of a kind's texts stand in each slot, line by line.
fn choices() -> impl Strategy<Value = Vec<(usize, Vec<prop::sample::Index>)>> {
    let slots = prop::collection::vec(any::<prop::sample::Index>(), kinds().len());
    prop::collection::vec((0..2usize, slots), 0..12)
}

proptest! {
    #[test]
    fn lines_are_read_as_they_were_written(choices in choices(), offsets: [u64; 3]) {
        let kinds = kinds();
        let mut reversed = kinds.clone();
        reversed.reverse();
        let both = [kinds, reversed];
        let templates = both.each_ref().map(|kinds| {
            Arc::new(template(&kinds.iter().map(|(kind, _)| *kind).collect::<Vec<_>>()))
        });
        let mut writer = ColumnsWriter::default();
        let mut expected = Vec::new();
        for (number, (which, texts)) in choices.iter().enumerate() {
            let texts = both[*which].iter().zip(texts).map(|((_, texts), index)| *index.get(texts));
            let (bytes, slots) = line(&texts.collect::<Vec<_>>());
            let position = Position { line: offsets[number % 3], offset: offsets[(number + 1) % 3] };
            let filled = Filled { line: &bytes, slots: &slots };
            writer.add(*which as u32, &templates[*which], &filled, position);
            expected.push((bytes, position));
        }
        let mut out = Vec::new();
        writer.finish(&mut out);
        let template_of = |number: u64| Ok::<_, Malformed>(Arc::clone(&templates[number as usize]));
        let part = choices.len() / 3..choices.len() / 2;
        let lines = StoredLines::new(choices.len());
        // What is asked for first is read alone; then all are.
        for wanted in [part.clone(), 0..choices.len(), part] {
            let mut entries = Vec::new();
            let read = lines.append(&out, wanted.clone(), &template_of, &mut entries);
            read.expect("what was just written");
            let found = entries.into_iter();
            let found: Vec<_> =
                found.map(|entry| (entry.record.raw, entry.record.position)).collect();
            prop_assert_eq!(&found, &expected[wanted]);
        }
    }

    #[test]
    fn foreign_bytes_are_refused_or_read_but_never_panic(bytes: Vec<u8>, count in 0usize..4) {
        let kinds: Vec<SlotKind> = kinds().into_iter().map(|(kind, _)| kind).collect();
        let template = Arc::new(template(&kinds));
        let template_of = |_| Ok(Arc::clone(&template));
        let lines = StoredLines::new(count);
        for from in [0, count / 2] {
            let _ = lines.append(&bytes, from..count, &template_of, &mut Vec::new());
        }
        let _ = template_codec::read(&bytes);
    }
}

#[test]
fn a_template_is_read_as_it_was_written() {
    let mut template = template(&kinds().into_iter().map(|(kind, _)| kind).collect::<Vec<_>>());
    template.made = vec![Made { place: 3, pieces: vec![Piece::Text("x".into()), Piece::Slot(2)] }];
    (template.trace, template.span, template.parent) = (Some(0), None, Some(300));
    template.time = Some(Dated { slot: 3, zone: -3_600_000_000_000 });
    template.duration = Some(Measured { slot: 9, unit: 1_000_000 });
    let templates = [template.clone(), Template { time: None, duration: None, ..template }];
    let read = template_codec::read(&template_codec::write(templates.iter()));
    assert_eq!(read, Ok(templates.to_vec()));
}
