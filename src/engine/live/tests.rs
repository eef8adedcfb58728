//! What becomes of lines between their writing and the store, pause by pause.

use super::*;
use crate::model::checkpoint::{Fingerprint, Followed as FollowedFile};
use crate::source::Chunk;
use crate::source::follow::{Listener, Looked};

/// One stream that is written bit by bit.
struct Writing {
    live: Live,
    at: Position,
}

fn milliseconds(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn chunk(text: &str, first: Position) -> Chunk {
    let read = first.offset + text.len() as u64;
    let fingerprint = Fingerprint::default();
    Chunk { bytes: text.as_bytes().to_vec(), first, cut: 0, read, fingerprint }
}

impl Writing {
    fn new() -> Self {
        let mut live = Live::new(Definitions::embedded());
        let stream = Stream { path: Arc::from("/l/app.log"), size: None, modified: None };
        live.begin(0, &stream, Position::START, None);
        Self { live, at: Position::START }
    }

    /// Lines come, and their file is looked at, at this time.
    fn writes(&mut self, now: u64, text: &str) {
        self.live.pause(milliseconds(now));
        self.live.lines(0, chunk(text, self.at));
        self.at.offset += text.len() as u64;
        self.at.line += text.matches('\n').count() as u64;
        self.live.pause(milliseconds(now));
    }

    /// The messages that are shown up to this time; those that have grown behind a `+`.
    fn shown(&mut self, now: u64) -> Vec<String> {
        self.live.pause(milliseconds(now));
        let fresh = self.live.fresh().into_iter();
        let mark = |has_grown: bool| if has_grown { "+" } else { "" };
        fresh.map(|fresh| mark(fresh.has_grown).to_owned() + &fresh.entry.record.message).collect()
    }

    /// What the next batch keeps: the raw lines of each entry, and where reading goes on.
    fn kept(&mut self) -> (Vec<String>, Option<u64>) {
        let batch = self.live.take_batch();
        let raw = |entry: &Entry| String::from_utf8_lossy(&entry.record.raw).into_owned();
        let mut lines: Vec<Entry> = batch.entries;
        lines.extend(batch.templated.into_entries());
        lines.sort_by_key(|entry| entry.record.position);
        let resume = batch.checkpoints.last().map(|checkpoint| checkpoint.resume.offset);
        (lines.iter().map(raw).collect(), resume)
    }
}

const BEGUN: &str = "2026-11-21T09:30:15.250Z INFO begun\n";
const FAILED: &str = "2026-11-21T09:30:15.300Z ERROR the order was not taken\n";

#[test]
fn a_line_is_shown_within_a_moment_and_kept_when_its_writer_has_paused() {
    let mut writing = Writing::new();
    writing.writes(0, BEGUN);
    assert_eq!(writing.shown(29), Vec::<String>::new());
    assert_eq!(writing.shown(30), ["begun"]);
    assert_eq!(writing.kept(), (vec![], Some(0)));
    assert_eq!(writing.shown(200), Vec::<String>::new());
    assert_eq!(writing.kept(), (vec![BEGUN.trim_end().to_owned()], Some(BEGUN.len() as u64)));
}

#[test]
fn a_stack_trace_written_in_pieces_is_one_record_and_shown_again_when_it_has_grown() {
    let mut writing = Writing::new();
    writing.writes(0, FAILED);
    assert_eq!(writing.shown(100).len(), 1);
    writing.writes(150, "\tat Shop.pay(Shop.java:17)\n");
    // Read again after a crash, it is read from its start.
    assert_eq!(writing.kept(), (vec![], Some(0)));
    writing.writes(170, "\tat Shop.main(Shop.java:3)\n");
    let shown = writing.shown(600);
    assert!(shown.len() == 1 && shown[0].starts_with('+'), "{shown:?}");
    let (kept, _) = writing.kept();
    assert_eq!(kept.len(), 1);
    assert!(kept[0].ends_with("Shop.main(Shop.java:3)"), "{kept:?}");
}

#[test]
fn what_a_rotation_cuts_off_a_stack_trace_is_kept_in_the_next_generation() {
    let mut writing = Writing::new();
    writing.writes(0, &format!("{FAILED}\tat Shop.pay(Shop.java:17)\n"));
    let next = Stream { path: Arc::from("/l/app.log#2"), size: None, modified: None };
    writing.live.begin(1, &next, Position::START, None);
    writing.live.lines(1, chunk("\tat Shop.main(Shop.java:3)\n", Position::START));
    writing.live.pause(milliseconds(300));
    let (kept, _) = writing.kept();
    let lines: Vec<&str> = kept.iter().flat_map(|raw| raw.lines()).collect();
    assert_eq!(lines.len(), 3, "{kept:?}");
}

#[test]
fn lines_that_a_container_runtime_has_cut_are_joined_for_each_stream() {
    let mut writing = Writing::new();
    let cri = |stream: &str, tag: &str, text: &str| {
        format!("2026-11-21T09:30:15.250000000Z {stream} {tag} {text}\n")
    };
    writing.writes(0, &cri("stdout", "P", "one "));
    writing.writes(10, &cri("stderr", "P", "three "));
    writing.writes(20, &(cri("stdout", "F", "two") + &cri("stderr", "F", "four")));
    let mut shown = writing.shown(300);
    shown.sort();
    assert_eq!(shown, ["one two", "three four"]);
    // What never ends is flushed when its writer has paused.
    writing.writes(400, &cri("stdout", "P", "five"));
    assert_eq!(writing.shown(700), ["five"]);
    assert_eq!(writing.kept().0.len(), 3);
}

#[test]
fn a_line_whose_end_comes_late_is_kept_once() {
    let mut writing = Writing::new();
    writing.writes(0, BEGUN);
    writing.shown(300);
    writing.live.partial(0, chunk("2026-11-21T09:30:16Z INFO half", writing.at));
    // The rest comes before the batch with the half is handed over.
    writing.writes(400, "2026-11-21T09:30:16Z INFO half and half\n");
    writing.shown(700);
    let kept = writing.kept().0;
    assert_eq!(kept, [BEGUN.trim_end(), "2026-11-21T09:30:16Z INFO half and half"]);
}

#[test]
fn other_definitions_are_taken_up_without_a_line_read_twice_or_lost() {
    let mut writing = Writing::new();
    writing.writes(0, BEGUN);
    writing.live.redefine(&Definitions::embedded());
    writing.writes(10, "2026-11-21T09:30:16Z INFO on\n");
    assert_eq!(writing.shown(300), ["begun", "on"]);
    let (kept, resume) = writing.kept();
    assert_eq!((kept.len(), resume), (2, Some(writing.at.offset)));
}

#[test]
fn lines_of_a_fast_stream_are_shown_and_kept_once_each() {
    let mut writing = Writing::new();
    let lines: Vec<String> = (0..2_000)
        .map(|number| format!("2026-11-21T09:30:15.250Z INFO order {number} taken\n"))
        .collect();
    let lines = lines.concat();
    let mut shown = Vec::new();
    for (part, start) in (0..lines.len()).step_by(60_000).enumerate() {
        let end = (start + 60_000).min(lines.len());
        let cut = |at: usize| lines[..at].rfind('\n').map_or(0, |end| end + 1);
        let (start, end) = (cut(start), if end == lines.len() { end } else { cut(end) });
        writing.writes(part as u64 * 10, &lines[start..end]);
        shown.extend(writing.shown(part as u64 * 10 + 1));
    }
    shown.extend(writing.shown(1_000));
    let expected: Vec<String> = (0..2_000).map(|number| format!("order {number} taken")).collect();
    assert_eq!(shown, expected);
    assert_eq!(writing.kept().0.len(), 2_000);
    assert!(writing.live.ledger().adds_up());
}

#[test]
fn of_streams_that_have_ended_little_is_held_and_a_copy_wakes_them() {
    let mut live = Live::new(Definitions::embedded());
    let followed = |ended: bool| FollowedFile {
        name: "/l/app.log".to_owned(),
        file: None,
        modified: None,
        packed: false,
        left: true,
        ended,
    };
    for number in 0..20 {
        let path: Arc<str> = format!("/l/app.log#{number}").into();
        let stream = Stream { path, size: None, modified: None };
        live.begin(number, &stream, Position::START, None);
        live.lines(number, chunk("one\n", Position::START));
        live.looked(number, Looked { followed: followed(true), whole: None });
    }
    live.pause(milliseconds(10_000));
    live.take_batch();
    live.take_batch();
    assert_eq!((live.resting.len(), live.streams.len()), (20, 0));
    live.forgotten(3, "/l/app.log#3");
    live.looked(4, Looked { followed: followed(false), whole: None });
    live.lines(4, chunk("two\n", Position { line: 2, offset: 4 }));
    live.pause(milliseconds(20_000));
    let batch = live.take_batch();
    assert_eq!(batch.forgotten, ["/l/app.log#3"]);
    assert_eq!(batch.checkpoints[0].read, 8);
    assert_eq!((live.resting.len(), live.streams.len()), (18, 1));
    let ledger = live.ledger();
    assert!(ledger.adds_up());
    assert_eq!(ledger.read, 4 * 20 + 4);
}
