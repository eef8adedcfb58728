//! Whole stories, read with the eyes: the snapshots are the design.

use proptest::prelude::*;

use super::*;
use crate::render::fixture;

fn told(story_: &fixture::Story, style: &Style) -> String {
    let mut out = Vec::new();
    story(&mut out, &story_.trace, &story_.analysis, &story_.rows, style)
        .expect("a Vec takes all bytes");
    String::from_utf8(out).expect("stories are text")
}

#[track_caller]
fn check_width(story: &fixture::Story, width: usize) -> String {
    let text = told(story, &fixture::style(width));
    for line in text.lines() {
        assert!(columns(line) <= width, "wider than {width}: {line}");
    }
    text
}

#[test]
fn a_failed_checkout_in_80_columns() {
    insta::assert_snapshot!(check_width(&fixture::checkout(), 80));
}

#[test]
fn a_failed_checkout_in_140_columns() {
    insta::assert_snapshot!(check_width(&fixture::checkout(), 140));
}

#[test]
fn a_failed_checkout_in_full() {
    let mut style = fixture::style(100);
    style.full = true;
    insta::assert_snapshot!(told(&fixture::checkout(), &style));
}

#[test]
fn a_deep_chain_of_calls() {
    insta::assert_snapshot!(check_width(&fixture::deep(14), 80));
}

#[test]
fn parallel_calls_whose_lines_alternate() {
    insta::assert_snapshot!(check_width(&fixture::wide(), 80));
}

#[test]
fn lines_without_any_time() {
    insta::assert_snapshot!(check_width(&fixture::undated(), 80));
}

#[test]
fn a_request_of_one_line() {
    insta::assert_snapshot!(check_width(&fixture::single(), 80));
}

#[test]
fn a_request_of_no_line_is_a_head() {
    let text = check_width(&fixture::Story::new().done(), 80);
    assert!(text.contains("0 services, 0 spans, 0 lines, 0 errors"));
}

#[test]
fn nothing_of_a_log_drives_the_terminal() {
    for full in [false, true] {
        let mut style = fixture::style(100);
        style.full = full;
        let text = told(&fixture::hostile(), &style);
        let foreign = text.replace('\n', "");
        assert!(!foreign.contains(crate::render::escape::is_unsafe), "full: {full}\n{text}");
    }
}

#[test]
fn colours_repeat_what_characters_say() {
    let mut style = fixture::style(80);
    let plain = told(&fixture::checkout(), &style);
    style.colour = true;
    let coloured = told(&fixture::checkout(), &style);
    assert!(coloured.contains("\x1b["));
    let stripped = anstream::adapter::strip_str(&coloured).to_string();
    // Blanks at a row's end are not written, with colours or without.
    assert_eq!(stripped, plain);
}

/// A request of random shape and text: for each span its parent, for each entry its span,
/// its time and what it says.
fn any_story() -> impl Strategy<Value = fixture::Story> {
    let parents = proptest::collection::vec(any::<prop::sample::Index>(), 0..40);
    let entry = (any::<prop::sample::Index>(), 0i64..100_000, any::<String>());
    (parents, proptest::collection::vec(entry, 0..40)).prop_map(|(parents, entries)| {
        let mut story = fixture::Story::new();
        let mut spans = vec![story.root("gateway", "GET /")];
        for (number, parent) in parents.into_iter().enumerate() {
            let parent = *parent.get(&spans);
            spans.push(story.child(parent, &format!("service-{}", number % 5), "work"));
        }
        for (span, milliseconds, message) in entries {
            story.say(*span.get(&spans), milliseconds, &message);
        }
        story.done()
    })
}

proptest! {
    #[test]
    fn any_request_fits_any_terminal_and_loses_no_entry(
        story in any_story(), width in 40usize..200, full in any::<bool>()
    ) {
        let mut style = fixture::style(width);
        let text = told(&story, &style);
        prop_assert!(text.lines().all(|line| columns(line) <= width), "{}", text);
        prop_assert!(!text.replace('\n', "").contains(crate::render::escape::is_unsafe));
        style.full = full;
        let text = told(&story, &style);
        prop_assert!(!text.replace('\n', "").contains(crate::render::escape::is_unsafe));
        let entries = text.lines().filter(|line| line.contains(" info")).count();
        prop_assert!(entries >= story.trace.entries.len());
    }
}
