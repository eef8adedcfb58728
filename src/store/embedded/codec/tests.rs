use std::sync::Arc;

use proptest::prelude::*;

use crate::model::entry::Entry;
use crate::model::field::{Field, Value};
use crate::model::id::{SpanId, TraceId};
use crate::model::template::Template;
use crate::store::embedded::block::{Block, BlockBuilder};
use crate::store::embedded::tests::samples::{any_entry, plain_entry};
use crate::store::embedded::wire::Malformed;

fn read_back(groups: &[Vec<Entry>]) -> Vec<Vec<Entry>> {
    let mut builder = BlockBuilder::default();
    for group in groups {
        builder.add(group.len(), group.iter(), std::iter::empty());
    }
    let block = Block::parse(finished(&mut builder)).expect("a block that was just written");
    let group =
        |number| block.entries(number, &no_template).expect("a group that was just written");
    (0..groups.len() as u64).map(group).collect()
}

fn no_template(_: u64) -> Result<Arc<Template>, Malformed> {
    Err(Malformed("there are no templates"))
}

fn finished(builder: &mut BlockBuilder) -> Vec<u8> {
    let mut out = Vec::new();
    builder.finish(&mut out);
    out
}

proptest! {
    #[test]
    fn entries_are_read_as_they_were_written(
        groups in prop::collection::vec(prop::collection::vec(any_entry(), 0..4), 0..4),
    ) {
        prop_assert_eq!(read_back(&groups), groups);
    }

    #[test]
    fn foreign_bytes_are_refused_or_read_but_never_panic(bytes: Vec<u8>) {
        if let Ok(block) = Block::parse(bytes) {
            for group in 0..8 {
                let _ = block.entries(group, &no_template);
            }
        }
    }

    #[test]
    fn a_changed_byte_is_refused_or_read_but_never_panics(
        entry in any_entry(), place: prop::sample::Index, byte: u8,
    ) {
        let mut builder = BlockBuilder::default();
        builder.add(1, [&entry].into_iter(), std::iter::empty());
        let mut bytes = finished(&mut builder);
        let place = place.index(bytes.len());
        bytes[place] = byte;
        if let Ok(block) = Block::parse(bytes) {
            let _ = block.entries(0, &no_template);
        }
    }
}

#[test]
fn texts_of_the_line_and_repeated_names_are_written_once() {
    let mut entry = plain_entry("pay/payment.log", 1);
    let text = "card declined for customer 4711 after three attempts";
    entry.record.raw = format!("INFO [payment] {text}").into_bytes();
    entry.record.message = text.to_owned();
    entry.context.service = "payment-service".to_owned();
    let size = |count: usize| {
        let mut builder = BlockBuilder::default();
        builder.add(count, std::iter::repeat_n(&entry, count), std::iter::empty());
        finished(&mut builder).len()
    };
    assert!(size(2) - size(1) < entry.record.raw.len() + 40);
}

#[test]
fn ids_that_stand_in_the_line_are_not_written_again() {
    let mut entry = plain_entry("a.log", 1);
    let size = |entry: &Entry| {
        let mut builder = BlockBuilder::default();
        builder.add(1, [entry].into_iter(), std::iter::empty());
        finished(&mut builder).len()
    };
    entry.context.trace_id = TraceId::from_hex("7b2f9c41d05e83a6194cbe70f2a85d13");
    entry.context.span_id = SpanId::from_hex("c19f04a7e6b35d28");
    entry.record.raw = b"7b2f9c41d05e83a6194cbe70f2a85d13 c19f04a7e6b35d28".to_vec();
    let inside = size(&entry);
    entry.record.raw.reverse();
    let apart = size(&entry);
    assert!(inside < apart, "{inside} {apart}");
    entry.record.raw.reverse();
    let group = vec![entry];
    assert_eq!(read_back(std::slice::from_ref(&group)), [group]);
}

#[test]
fn thousands_of_fields_in_a_long_line_are_written_in_linear_time() {
    let mut entry = plain_entry("a.log", 1);
    entry.record.raw = vec![b'x'; 1 << 20];
    entry.record.fields =
        (0..20_000).map(|number| Field::text("name", format!("value {number}"))).collect();
    let group = vec![entry];
    assert_eq!(read_back(std::slice::from_ref(&group)), [group]);
}

#[test]
fn a_list_deeper_than_any_decoder_makes_is_kept_as_text() {
    let mut value = Value::Text("inside".to_owned());
    for _ in 0..100 {
        value = Value::List(vec![value]);
    }
    let mut entry = plain_entry("a.log", 1);
    entry.record.fields = vec![Field { name: "list".to_owned(), value }];
    let read = read_back(&[vec![entry]]).remove(0).remove(0);
    assert_eq!(read.record.fields[0].value.to_string(), "inside");
    assert_eq!(read.path, Arc::from("a.log"));
}
