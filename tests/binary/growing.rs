//! Logs that grow, turn over and change between two runs: only what is new is read, and every
//! line is there once.

use std::fs;

use super::desk::{Desk, TRACE, check_orders, line, messages, numbered};

#[test]
fn of_a_file_that_grew_only_the_new_lines_are_read() {
    let desk = Desk::new();
    desk.file("logs/app.log", numbered(0..2_000));
    desk.file("logs/other.log", line(1, "untouched"));
    desk.run(&["index", "logs"]).ends_with(0);
    desk.append("logs/app.log", numbered(2_000..2_100));
    let answer = desk.run(&["index", "logs"]).ends_with(0);
    // The last record might have gone on: it is read once more.
    let read: usize = answer.summed("read").parse().expect("a number");
    assert!((100..=101).contains(&read), "{read} lines were read");
    assert_eq!(answer.summed("lines"), "2,101");
    check_orders(&desk, 0..2_100);
}

#[test]
fn a_half_written_line_is_replaced_when_it_is_whole() {
    let desk = Desk::new();
    let last = line(9, "the very last words");
    let (half, rest) = last.split_at(45);
    desk.file("logs/app.log", format!("{}{half}", numbered(0..10)));
    assert_eq!(desk.all_lines(&["logs"]).len(), 11);
    desk.run(&["lines", "words", "logs"]).ends_with(1);
    desk.append("logs/app.log", rest);
    let lines = desk.all_lines(&["logs"]);
    assert_eq!(lines.len(), 11);
    assert!(messages(&lines)[10].starts_with("the very last words"), "{lines:?}");
    desk.run(&["lines", "words", "logs"]).ends_with(0);
    // A line that is whole but for its end is not read as another.
    desk.append("logs/app.log", line(10, "and more"));
    assert_eq!(desk.all_lines(&["logs"]).len(), 12);
}

#[test]
fn written_byte_by_byte_a_log_is_what_it_would_be_at_once() {
    let desk = Desk::new();
    let text = format!("{}{}", line(1, "one"), line(2, "two"));
    desk.file("logs/app.log", "");
    for piece in text.as_bytes().chunks(17) {
        desk.append("logs/app.log", piece);
        desk.run(&["index", "logs"]).ends_with(0);
    }
    let lines = desk.all_lines(&["logs"]);
    assert_eq!(lines.len(), 2, "{lines:?}");
    desk.file("other/app.log", &text);
    assert_eq!(messages(&lines), messages(&desk.all_lines(&["other"])));
}

#[test]
fn a_stack_trace_that_grows_stays_one_record() {
    let desk = Desk::new();
    let error = line(2, "failed java.lang.IllegalStateException: broken").replace("INFO", "ERROR");
    let frames = |range: std::ops::Range<usize>| -> String {
        range
            .map(|number| format!("\tat com.shop.Till.step{number}(Till.java:{number})\n"))
            .collect::<Vec<_>>()
            .concat()
    };
    desk.file("logs/app.log", format!("{}{error}{}", line(1, "before"), frames(0..3)));
    assert_eq!(desk.all_lines(&["logs"]).len(), 2);
    desk.append("logs/app.log", frames(3..6));
    assert_eq!(desk.all_lines(&["logs"]).len(), 2);
    desk.append("logs/app.log", format!("{}{}", frames(6..8), line(3, "after")));
    assert_eq!(desk.all_lines(&["logs"]).len(), 3);
    let answer = desk.run(&["trace", TRACE, "logs", "--full"]).ends_with(0);
    for number in 0..8 {
        let frame = format!("Till.step{number}(");
        assert_eq!(answer.out.matches(&frame).count(), 1, "{frame} in\n{}", answer.out);
    }
    assert_eq!(desk.run(&["index", "logs"]).summed("lines"), "11");
}

#[test]
fn rotation_by_rename_loses_and_doubles_nothing() {
    let desk = Desk::new();
    desk.file("logs/app.log", numbered(0..500));
    desk.run(&["index", "logs"]).ends_with(0);
    desk.append("logs/app.log", numbered(500..600));
    fs::rename(desk.path("logs/app.log"), desk.path("logs/app.log.1")).expect("it can be renamed");
    desk.file("logs/app.log", numbered(600..650));
    check_orders(&desk, 0..650);
    desk.append("logs/app.log", numbered(650..700));
    check_orders(&desk, 0..700);
}

#[test]
fn another_content_under_the_same_name_takes_its_place() {
    let desk = Desk::new();
    desk.file("logs/app.log", numbered(0..300));
    check_orders(&desk, 0..300);
    // Longer, and other from the start.
    desk.file("logs/app.log", numbered(1_000..1_400));
    check_orders(&desk, 1_000..1_400);
    // Shorter.
    desk.file("logs/app.log", numbered(2_000..2_010));
    check_orders(&desk, 2_000..2_010);
    // The same beginning, another end.
    let changed = numbered(2_000..2_010).replace("ORD-2009", "ORD-9999");
    desk.file("logs/app.log", changed + &numbered(2_010..2_020));
    let lines = desk.all_lines(&["logs"]);
    assert_eq!(lines.len(), 20);
    assert!(messages(&lines).iter().any(|message| message.contains("ORD-9999")));
    assert!(!messages(&lines).iter().any(|message| message.contains("ORD-2009 ")));
}

#[test]
fn a_file_that_is_gone_leaves_what_was_read_of_it() {
    let desk = Desk::new();
    desk.file("logs/a.log", numbered(0..10));
    desk.file("logs/b.log", numbered(10..20));
    check_orders(&desk, 0..20);
    fs::remove_file(desk.path("logs/a.log")).expect("it can be removed");
    check_orders(&desk, 0..20);
}

#[test]
fn new_files_and_new_archives_are_read_beside_the_known() {
    let desk = Desk::new();
    desk.file("logs/a.log", numbered(0..10));
    check_orders(&desk, 0..10);
    desk.file("logs/deep/er/b.log", numbered(10..20));
    let answer = desk.run(&["index", "logs"]).ends_with(0).says("1 file known already");
    assert_eq!(answer.summed("read"), "10");
    check_orders(&desk, 0..20);
}
