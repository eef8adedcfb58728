use crate::analysis::analyse;
use crate::model::fixture::{Fixture, entry, trace_id};
use crate::model::span::{Operation, SpanKind};
use crate::model::trace::Linked;
use crate::timeline::{Content, rows};
use crate::trace::assemble;
use crate::trace::knowledge::Knowledge;

/// The rows as text, indented by depth.
#[track_caller]
fn check(entries: Vec<Fixture>, expected: &[&str]) {
    let trace = assemble(
        trace_id(),
        entries.into_iter().map(Fixture::done).collect(),
        &Knowledge::default(),
    );
    let analysis = analyse(&trace);
    let shown: Vec<String> = rows(&trace, &analysis)
        .iter()
        .map(|row| {
            let text = match row.content {
                Content::Span(span) => format!("[{}]", trace.span(span).service),
                Content::Entry(index) => trace.entries[index].entry.record.message.clone(),
                Content::Link(index) => {
                    let link = &trace.links[index];
                    let Linked::Here(other) = link.linked else { panic!("{link:?}") };
                    format!("{} {}", link.kind.name(), trace.span(other).service)
                }
                Content::Silence(index) => {
                    let silence = analysis.silences[index];
                    let nobody = &trace.span(silence.span).service;
                    format!("silence of {nobody}, {} ms", (silence.end - silence.start) / 1_000_000)
                }
            };
            format!("{}{text}", "  ".repeat(row.depth))
        })
        .collect();
    assert_eq!(shown, expected);
}

#[test]
fn heads_stand_before_entries_and_children() {
    check(
        vec![
            entry("gateway", "in").at(0).span(1),
            entry("cart", "work").at(5).span(2),
            entry("cart", "done").at(6).span(2).line(2),
            entry("gateway", "out").at(9).span(1).line(2),
        ],
        &["[gateway]", "in", "  [cart]", "  work", "  done", "out"],
    );
}

#[test]
fn a_silence_stands_where_it_was_and_names_who_was_silent() {
    check(
        vec![
            entry("gateway", "in").at(0).span(1),
            entry("cart", "work").at(5).span(2),
            entry("cart", "done").at(2105).span(2).line(2),
            entry("gateway", "out").at(2110).span(1).line(2),
        ],
        &["[gateway]", "in", "  [cart]", "  work", "  silence of cart, 2100 ms", "  done", "out"],
    );
}

#[test]
fn a_link_stands_behind_the_line_that_shows_it() {
    let takes = || Operation { kind: Some(SpanKind::Consumer), ..Operation::default() };
    let taken =
        |at, text, id| entry("batch", text).at(at).span(3).key("message_id", id).operation(takes());
    check(
        vec![
            entry("left", "sent").at(0).span(1).key("message_id", "m-1"),
            entry("right", "sent").at(1).span(2).parent(1).key("message_id", "m-2"),
            taken(5, "taken", "m-1"),
            taken(6, "taken too", "m-2").parent(1).line(2),
            entry("batch", "done").at(7).span(3).line(3),
        ],
        &[
            "[left]",
            "sent",
            "  [right]",
            "  sent",
            "  [batch]",
            "  taken",
            "  taken too",
            "  stems_from right",
            "  done",
        ],
    );
}

#[test]
fn a_parent_that_speaks_last_still_stands_first() {
    check(
        vec![entry("cart", "work").at(5).span(2).parent(1), entry("gateway", "out").at(9).span(1)],
        &["[gateway]", "  [cart]", "  work", "out"],
    );
}
