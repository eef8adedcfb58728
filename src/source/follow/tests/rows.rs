//! Each way in which following fails elsewhere, by its name.

use super::model::gzipped;
use super::*;
use crate::model::checkpoint::Fingerprint;
use crate::model::line::Position;
use crate::source::follow::ENDED_MAX;

#[test]
fn a_renamed_log_is_read_to_its_end_and_the_next_from_its_start() {
    let (model, mut play) = alone();
    let writer = model.open_for_writing(LOG);
    model.write(&writer, b"one\n");
    play.turn();
    model.write(&writer, b"two\n");
    model.rename(LOG, "/l/app.log.1");
    model.append(LOG, b"four\n");
    model.write(&writer, b"three\n");
    play.pass(seconds(2));
    check(&play, &["one", "two", "three", "four"]);
}

#[test]
fn generations_that_came_and_went_between_two_looks_are_found() {
    let (model, mut play) = alone();
    model.append(LOG, b"0\n");
    play.turn();
    for number in 1..20 {
        for older in (1..number).rev() {
            model.rename(&format!("{LOG}.{older}"), &format!("{LOG}.{}", older + 1));
        }
        model.rename(LOG, "/l/app.log.1");
        model.append(LOG, format!("{number}\n").as_bytes());
    }
    play.pass(seconds(1));
    let expected: Vec<String> = (0..20).map(|number| number.to_string()).collect();
    check(&play, &expected.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn what_was_rotated_before_a_log_was_named_is_not_asked_for() {
    let (model, mut play) = alone();
    model.append("/l/app.log.1", b"history\n");
    model.append(LOG, b"one\n");
    play.pass(seconds(1));
    model.rename("/l/app.log.1", "/l/app.log.2");
    model.rename(LOG, "/l/app.log.1");
    model.append(LOG, b"two\n");
    play.pass(seconds(1));
    check(&play, &["one", "two"]);
}

#[test]
fn a_copy_is_known_and_what_follows_the_cut_is_new() {
    for looks_between in 0..4 {
        let (model, mut play) = directory();
        model.append(LOG, b"one\ntwo\n");
        if looks_between & 1 == 1 {
            play.turn();
        }
        model.copy(LOG, "/l/app.log.1");
        if looks_between & 2 == 2 {
            play.pass(seconds(3));
        }
        model.truncate(LOG, 0);
        model.append(LOG, b"three\n");
        play.pass(seconds(5));
        check(&play, &["one", "two", "three"]);
    }
}

#[test]
fn a_log_that_was_cut_written_and_copied_between_two_looks_is_stored_once() {
    // Long enough that a log is known by how it begins.
    let lines = ["one", "two", "three"].map(|line| format!("{line} {}", "x".repeat(80)));
    for is_packed in [false, true] {
        let (model, mut play) = directory();
        model.append(LOG, format!("{}\n", lines[0]).as_bytes());
        play.turn();
        model.copy(LOG, "/l/app.log.2");
        model.truncate(LOG, 0);
        model.append(LOG, format!("{}\n{}\n", lines[1], lines[2]).as_bytes());
        model.copy(LOG, "/l/app.log.1");
        if is_packed {
            model.gzip("/l/app.log.1", "/l/app.log.1.gz");
        }
        play.pass(seconds(5));
        model.truncate(LOG, 0);
        play.pass(seconds(5));
        check(&play, &lines.each_ref().map(String::as_str));
    }
}

#[test]
fn a_copy_that_ends_before_what_was_read_is_known_and_a_gap_is_named() {
    let (model, mut play) = directory();
    model.append(LOG, b"one\ntwo\n");
    play.turn();
    model.copy(LOG, "/l/app.log.1");
    model.append(LOG, b"three\n");
    play.now += seconds(3);
    model.append(LOG, b"four\n");
    let _ = play.follower.turn(play.now, &mut play.store);
    model.truncate(LOG, 0);
    play.pass(seconds(5));
    check(&play, &["one", "two", "three", "four"]);
    assert!(play.store.is_reported("cut away when 19 bytes were read"), "{:?}", play.store.skipped);
}

#[test]
fn a_log_cut_away_and_grown_past_the_old_place_is_read_from_its_start() {
    let (model, mut play) = alone();
    model.append(LOG, b"one\ntwo\n");
    play.pass(seconds(1));
    model.truncate(LOG, 0);
    model.append(LOG, b"eins\nzwei\ndrei\nvier\n");
    play.pass(seconds(5));
    check(&play, &["one", "two", "eins", "zwei", "drei", "vier"]);
    assert_eq!(play.store.losses(), 1);
}

#[test]
fn a_file_with_the_number_of_a_deleted_one_is_another() {
    for has_births in [true, false] {
        let (model, mut play) = directory();
        model.0.borrow_mut().has_births = has_births;
        let mut expected = Vec::new();
        for number in 0..10 {
            let line = format!("number {number} of a file that is soon deleted");
            model.append(LOG, format!("{line}\n").as_bytes());
            play.pass(seconds(2));
            model.remove(LOG);
            play.pass(seconds(30));
            expected.push(line);
        }
        check(&play, &expected.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

#[test]
fn different_files_that_begin_alike_are_all_read() {
    let (model, mut play) = directory();
    let banner: String = "a setting of this machine that is always the same\n".repeat(100);
    let mut expected = Vec::new();
    for number in 0..100 {
        let text = format!("{banner}line of {number}\n");
        model.append(&format!("/l/worker-{number}.log"), text.as_bytes());
        // Of one family, too: a banner alone makes no copy.
        model.append(&format!("/l/app.log.{number}"), format!("{text}app\n").as_bytes());
        expected.extend(text.lines().map(str::to_owned));
        expected.extend(format!("{text}app\n").lines().map(str::to_owned));
    }
    play.pass(seconds(10));
    check(&play, &expected.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn files_of_no_and_few_bytes_are_read_as_they_grow() {
    let (model, mut play) = directory();
    let _ = model.open_for_writing("/l/empty.log");
    model.append("/l/one.log", b"\n");
    model.append("/l/twenty.log", b"nineteen characters\n");
    play.pass(seconds(1));
    check(&play, &["", "nineteen characters"]);
    model.append("/l/empty.log", b"a\n");
    model.append("/l/one.log", b"b\n");
    play.pass(seconds(3));
    check(&play, &["", "a", "b", "nineteen characters"]);
}

#[test]
fn a_log_compressed_when_half_read_goes_on_inside() {
    for crashes in [false, true] {
        let (model, mut play) = alone();
        model.append(LOG, b"one\ntwo\n");
        play.turn();
        play.store.commit();
        if crashes {
            play.crash();
        }
        model.append(LOG, b"three\n");
        model.rename(LOG, "/l/app.log.1");
        model.gzip("/l/app.log.1", "/l/app.log.1.gz");
        model.append(LOG, b"four\n");
        play.pass(seconds(10));
        check(&play, &["one", "two", "three", "four"]);
    }
}

#[test]
fn a_compressed_file_is_read_when_it_is_quiet_member_by_member() {
    let (model, mut play) = directory();
    let first = gzipped(b"one\ntwo\n");
    model.append("/l/app.log.1.gz", &first[..10]);
    play.pass(seconds(1));
    model.append("/l/app.log.1.gz", &first[10..]);
    play.pass(seconds(4));
    check(&play, &["one", "two"]);
    model.append("/l/app.log.1.gz", &gzipped(b"three\n"));
    play.pass(seconds(4));
    check(&play, &["one", "two", "three"]);
    assert_eq!(play.store.losses(), 0, "{:?}", play.store.skipped);
}

#[test]
fn a_compressed_file_cut_off_at_any_byte_is_reported_and_read_on_when_it_grows() {
    let whole = gzipped(b"one\ntwo\nthree\n");
    for length in 11..whole.len() {
        let (model, mut play) = directory();
        model.append("/l/app.log.1.gz", &whole[..length]);
        play.pass(seconds(10));
        assert!(play.store.is_reported("the gzip data ends too early"), "{length}");
        model.append("/l/app.log.1.gz", &whole[length..]);
        play.pass(seconds(10));
        let lines = play.store.lines();
        let whole = lines.iter().filter(|line| line.ends_with('\n')).count();
        assert!(whole >= 2, "{length}: {lines:?}");
    }
}

#[test]
fn one_file_with_two_names_is_read_once() {
    let (model, mut play) = directory();
    model.append(LOG, b"one\n");
    model.link(LOG, "/l/other.log");
    play.pass(seconds(1));
    model.link(LOG, "/l/third.log");
    model.append(LOG, b"two\n");
    play.pass(seconds(2));
    check(&play, &["one", "two"]);
}

#[test]
fn a_deleted_log_is_read_to_its_end_and_closed() {
    let (model, mut play) = alone();
    let writer = model.open_for_writing(LOG);
    model.write(&writer, b"one\n");
    play.turn();
    model.remove(LOG);
    play.pass(seconds(5));
    model.write(&writer, b"two\nwithout end");
    play.pass(seconds(5));
    assert_eq!(*model.0.borrow().open_now.borrow(), 1);
    play.pass(seconds(25));
    assert_eq!(play.store.lines(), ["one\n", "two\n", "without end"]);
    assert_eq!(*model.0.borrow().open_now.borrow(), 0);
}

#[test]
fn a_line_without_its_end_is_shown_after_a_while_and_then_whole() {
    let (model, mut play) = alone();
    let mut shown = Vec::new();
    for byte in b"one\ntwo\n" {
        model.append(LOG, &[*byte]);
        play.pass(seconds(5));
        shown.push(play.store.streams.values().find_map(|stored| stored.partial.clone()));
    }
    let partial = |text: &str| Some(text.as_bytes().to_vec());
    let expected = [
        partial("o"),
        partial("on"),
        partial("one"),
        None,
        partial("t"),
        partial("tw"),
        partial("two"),
        None,
    ];
    assert_eq!(shown, expected);
    check(&play, &["one", "two"]);
}

#[test]
fn a_line_of_many_megabytes_is_cut_and_the_file_goes_on() {
    let (model, mut play) = alone();
    model.append(LOG, b"one\n");
    for _ in 0..40 {
        model.append(LOG, &vec![b'x'; 300_000]);
        play.pass(Duration::from_millis(50));
    }
    model.append(LOG, b"\ntwo\n");
    play.pass(seconds(2));
    let lines = play.store.lines();
    let lengths: Vec<usize> = lines.iter().map(String::len).collect();
    assert_eq!(lengths, [4, 4, (1 << 20) + 1]);
    let checkpoint = play.store.streams[LOG].checkpoint.clone().expect("lines were read");
    assert_eq!(checkpoint.read, 40 * 300_000 + 9);
}

#[test]
fn the_hole_of_a_writer_that_kept_its_place_is_passed_over() {
    let (model, mut play) = alone();
    model.append(LOG, &b"one line that is read\n".repeat(1_000));
    play.pass(seconds(1));
    model.truncate(LOG, 0);
    model.truncate(LOG, 3 << 20);
    model.append(LOG, b"after the hole\n");
    play.pass(seconds(3));
    let lines = play.store.lines();
    assert_eq!((lines.len(), lines[0].as_str()), (1_001, "after the hole\n"));
}

#[test]
fn bytes_that_are_no_text_are_handed_over_as_they_are() {
    let (model, mut play) = alone();
    model.append(LOG, b"start of the log\ncaf\xe9 \xff\xfe\r\n\xc3(\n");
    play.pass(seconds(1));
    let stored: Vec<Vec<u8>> = play.store.streams[LOG].lines.values().cloned().collect();
    assert_eq!(stored, [&b"start of the log\n"[..], b"caf\xe9 \xff\xfe\r\n", b"\xc3(\n"]);
}

#[test]
fn utf_16_and_byte_order_marks_are_understood() {
    let (model, mut play) = directory();
    let utf16 =
        |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    model.append("/l/wide.log", &utf16("\u{feff}größe\nzwei\n"));
    model.append("/l/mark.log", b"\xef\xbb\xbfone\n");
    play.pass(seconds(5));
    check(&play, &["größe", "one", "zwei"]);
    model.append("/l/wide.log", &utf16("drei\n"));
    play.pass(seconds(5));
    check(&play, &["größe", "one", "zwei", "drei"]);
}

#[test]
fn without_any_event_a_log_in_use_is_read_within_a_second() {
    let (model, mut play) = directory();
    for number in 0..50 {
        model.append(LOG, format!("{number}\n").as_bytes());
        model.append(&format!("/l/new-{number}.txt"), format!("new {number}\n").as_bytes());
        play.pass(seconds(1));
        assert_eq!(play.store.lines().len(), 2 * (number + 1));
    }
}

#[test]
fn thousands_of_files_are_read_with_few_descriptors() {
    let model = Model::following("/l/", "");
    let mut play = Play::new(&model);
    play.descriptors = 16;
    play.crash();
    for round in 0..3 {
        for number in 0..2_000 {
            let path = format!("/l/{number:04}.txt");
            model.append(&path, format!("{number} {round}\n").as_bytes());
        }
        play.pass(seconds(3));
        assert_eq!(play.store.lines().len(), 2_000 * (round + 1));
        assert!(*model.0.borrow().open_now.borrow() <= 16);
    }
}

#[test]
fn a_fast_file_does_not_keep_others_waiting() {
    let (model, mut play) = directory();
    model.append("/l/a-fast.log", &b"a line of the fast one\n".repeat(600_000));
    model.append("/l/z-slow.log", b"slow\n");
    play.turn();
    assert!(play.store.streams.contains_key("/l/z-slow.log"), "one turn is enough");
    let read = play.store.streams["/l/a-fast.log"].lines.len();
    assert!(read < 400_000, "{read} lines in one turn");
}

#[test]
fn what_is_no_file_or_may_not_be_read_is_not_waited_for() {
    let (model, mut play) = directory();
    model.make_pipe("/l/pipe");
    model.append("/l/secret.log", b"one\n");
    model.permit("/l/secret.log", false);
    play.pass(seconds(2));
    assert!(play.store.is_reported("permission denied"));
    assert_eq!(play.store.losses(), 1, "it is told once");
    model.permit("/l/secret.log", true);
    play.pass(seconds(2));
    check(&play, &["one"]);
}

#[test]
fn a_device_with_another_number_holds_the_same_files() {
    let (model, mut play) = directory();
    model.append(LOG, b"one\n");
    model.append("/l/web.log", b"two\n");
    play.pass(seconds(1));
    play.store.commit();
    model.remount();
    play.crash();
    model.append(LOG, b"three\n");
    play.pass(seconds(2));
    check(&play, &["one", "two", "three"]);
}

#[test]
fn copies_that_were_deleted_while_nobody_read_are_a_gap() {
    let (model, mut play) = alone();
    model.append(LOG, b"one\n");
    play.pass(seconds(1));
    play.store.commit();
    model.append(LOG, b"two\n");
    model.remove(LOG);
    model.append(LOG, b"five\n");
    play.crash();
    play.pass(seconds(100));
    check(&play, &["one", "five"]);
    assert!(play.store.is_reported("rotated away and deleted"), "{:?}", play.store.skipped);
}

#[test]
fn a_log_overwritten_while_it_is_read_gives_no_torn_line() {
    let (model, mut play) = alone();
    let mut written = Vec::new();
    for number in 0..200 {
        model.truncate(LOG, 0);
        let line = format!("{number:03} {}", "x".repeat(number % 50));
        model.append(LOG, format!("{line}\n").as_bytes());
        written.push(line + "\n");
        play.pass(Duration::from_millis(number as u64 * 7 % 40));
    }
    play.pass(seconds(3));
    for line in play.store.lines() {
        assert!(written.contains(&line), "{line:?}");
    }
}

#[test]
fn strange_names_are_followed_and_shown_escaped() {
    let (model, mut play) = directory();
    let long = format!("/l/{}", "n".repeat(255));
    for name in ["/l/-rf", "/l/a\nb.log", "/l/\u{1b}[2J", &long] {
        model.append(name, b"one\n");
    }
    play.pass(seconds(1));
    assert_eq!(play.store.lines().len(), 4);
    assert!(play.store.streams.keys().all(|label| !label.contains(['\n', '\u{1b}'])));
    play.store.commit();
    play.crash();
    model.append("/l/a\nb.log", b"two\n");
    play.pass(seconds(3));
    assert_eq!(play.store.lines().len(), 5);
}

#[test]
fn a_crash_at_any_time_neither_loses_nor_doubles() {
    let (model, mut play) = alone();
    let mut expected = Vec::new();
    for number in 0..300 {
        let line = format!("line {number}");
        model.append(LOG, format!("{line}\n").as_bytes());
        expected.push(line);
        match number % 7 {
            0 => play.store.commit(),
            3 => play.crash(),
            _ => play.pass(Duration::from_millis(40)),
        }
    }
    play.pass(seconds(3));
    check(&play, &expected.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn a_crash_before_the_first_line_was_kept_does_not_make_rotated_files_history() {
    let (model, mut play) = alone();
    model.append(LOG, b"one\n");
    play.turn();
    // What is followed is committed first of all; the lines are not.
    for stored in play.store.streams.values() {
        let mut first = stored.clone();
        first.lines.clear();
        if let Some(checkpoint) = &mut first.checkpoint {
            (checkpoint.read, checkpoint.resume) = (0, Position::START);
            (checkpoint.fingerprint, checkpoint.size) = (Fingerprint::default(), None);
        }
        play.store.committed.insert(LOG.to_owned(), first);
    }
    model.rename(LOG, "/l/app.log.1");
    model.append(LOG, b"two\n");
    play.crash();
    play.pass(seconds(3));
    check(&play, &["one", "two"]);
}

#[test]
fn a_log_taken_in_by_a_reading_before_is_followed_from_there() {
    let (model, mut play) = alone();
    model.append(LOG, b"one\ntwo\n");
    play.pass(seconds(1));
    for stored in play.store.streams.values_mut() {
        let checkpoint = stored.checkpoint.as_mut().expect("lines were read");
        checkpoint.followed = None;
    }
    play.store.commit();
    play.crash();
    model.append(LOG, b"three\n");
    play.pass(seconds(1));
    check(&play, &["one", "two", "three"]);
    assert_eq!(play.store.streams.len(), 1);
}

#[test]
fn generations_that_are_gone_are_forgotten_at_a_bound_and_the_latest_are_not() {
    let (model, mut play) = alone();
    let rotations = ENDED_MAX + 20;
    for number in 0..rotations {
        model.append(LOG, format!("{number}\n").as_bytes());
        play.turn();
        play.turn();
        model.remove(LOG);
        play.pass(seconds(1));
    }
    play.pass(seconds(100));
    assert_eq!((play.store.lines().len(), play.store.forgotten), (rotations, 20));
    play.store.commit();
    assert_eq!(play.store.checkpoints().len(), ENDED_MAX);
    play.crash();
    model.append(LOG, b"last\n");
    play.pass(seconds(100));
    assert_eq!(play.store.lines().len(), rotations + 1);
}
