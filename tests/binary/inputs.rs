//! Files that are no good logs: each is named with its cause, ends with the right exit code,
//! uses bounded memory, and loses no line of another file.

use std::fs::{self, File};
use std::io::{BufWriter, Write};

use super::desk::{Desk, TRACE, line, messages, numbered, program};

#[test]
fn an_empty_file_has_no_lines_and_is_listed() {
    let desk = Desk::new();
    desk.file("logs/empty.log", "");
    desk.file("logs/app.log", line(1, "hello"));
    desk.run(&["trace", "hello", "logs"]).ends_with(0).says("hello").says_nothing_else();
    desk.run(&["index", "logs"]).ends_with(0).says("empty: logs/empty.log").says_nothing_else();
    desk.run(&["lines", "*", "logs/empty.log"]).ends_with(1);
}

#[test]
fn a_path_that_does_not_exist_is_named() {
    let desk = Desk::new();
    let answer = desk.run(&["trace", "x", "lgos"]).ends_with(2);
    assert_eq!(answer.err, "error: lgos: there is no such file or directory; check the spelling\n");
    desk.run(&["index", "logs/*.log"]).ends_with(2).warns("no file matches this pattern");
}

#[test]
fn a_missing_path_beside_a_good_one_makes_a_partial_answer() {
    let desk = Desk::new();
    desk.file("app.log", line(1, "hello"));
    desk.run(&["lines", "hello", "app.log", "gone.log"])
        .ends_with(2)
        .says("hello")
        .warns("warning: gone.log: there is no such file or directory");
}

#[test]
fn an_empty_directory_is_named() {
    let desk = Desk::new();
    fs::create_dir(desk.path("logs")).expect("the desk is writable");
    desk.run(&["index", "logs"]).ends_with(2).warns("no file is in logs");
}

#[test]
fn a_directory_that_vanished_is_named_and_what_is_known_stays() {
    let desk = Desk::new();
    desk.file("logs/app.log", line(1, "hello"));
    desk.run(&["index", "logs", "--store", "store"]).ends_with(0);
    fs::remove_dir_all(desk.path("logs")).expect("the desk is writable");
    desk.run(&["lines", "hello", "logs", "--store", "store"])
        .ends_with(2)
        .warns("logs: there is no such file or directory");
    desk.run(&["lines", "hello", "--store", "store"]).ends_with(0).says("hello");
}

#[cfg(unix)]
#[test]
fn a_file_without_permission_is_named_and_read_later() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    desk.file("logs/secret.log", line(1, "hidden"));
    desk.file("logs/app.log", line(2, "open"));
    let secret = desk.path("logs/secret.log");
    let permit = |mode| fs::set_permissions(&secret, fs::Permissions::from_mode(mode));
    permit(0o000).expect("the file is ours");
    // The superuser may read everything, unless it lays that down.
    let run = |arguments: &[&str]| {
        let mut command = desk.command(arguments);
        if File::open(&secret).is_ok() {
            command = desk.other("setpriv");
            command.args(["--bounding-set=-all", "--inh-caps=-all"]).arg(program()).args(arguments);
        }
        Desk::finish(command, b"")
    };
    run(&["lines", "*", "logs"])
        .ends_with(2)
        .says("open")
        .says_not("hidden")
        .warns("warning: logs/secret.log: permission denied");
    run(&["lines", "*", "logs/secret.log"]).ends_with(2).warns("permission denied");
    permit(0o600).expect("the file is ours");
    run(&["lines", "*", "logs"]).ends_with(0).says("hidden").says_nothing_else();
}

#[test]
fn binary_files_among_logs_are_passed_over_and_listed() {
    let desk = Desk::new();
    let garbage: Vec<u8> =
        (0..40_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    desk.file("logs/core", &garbage);
    desk.file("logs/icon.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01");
    desk.file("logs/app.log", line(1, "hello"));
    desk.run(&["lines", "*", "logs"]).ends_with(0).says("hello").says_nothing_else();
    desk.run(&["index", "logs", "--full"])
        .ends_with(0)
        .says("skipped")
        .says("logs/core")
        .says("logs/icon.png");
}

#[test]
fn garbage_within_a_log_costs_no_other_line() {
    let desk = Desk::new();
    // What a file is, its first pages say.
    let mut log = numbered(0..200).into_bytes();
    log.extend(line(1, "before").into_bytes());
    log.extend((0..5_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8));
    log.push(b'\n');
    log.extend(line(2, "after").into_bytes());
    desk.file("app.log", log);
    desk.run(&["lines", "before", "app.log"]).ends_with(0).says("before");
    desk.run(&["lines", "after", "app.log"]).ends_with(0).says("after");
    assert!(desk.all_lines(&["app.log"]).len() > 202);
}

/// The length of the line that is far too long, in MiB, and the memory in which it must be read.
const LINE_MEBIBYTES: usize = 400;

#[test]
fn a_line_of_hundreds_of_megabytes_is_cut_in_bounded_memory() {
    let desk = Desk::new();
    {
        let file = File::create(desk.path("app.log")).expect("the desk is writable");
        let mut file = BufWriter::with_capacity(1 << 20, file);
        let mut write = |bytes: &[u8]| file.write_all(bytes).expect("the desk has room");
        write(line(1, "before").as_bytes());
        write(b"2026-11-21T09:00:02.250Z INFO endless ");
        let mebibyte = vec![b'x'; 1 << 20];
        (0..LINE_MEBIBYTES).for_each(|_| write(&mebibyte));
        write(format!("\n{}", line(3, "after")).as_bytes());
    }
    let answer = if cfg!(target_os = "linux") {
        let mut command = desk.other("sh");
        let limited = format!("ulimit -v {}; exec \"$@\"", LINE_MEBIBYTES * 1024);
        command.args(["-c", &limited, "sh"]).arg(program()).args(["index", "app.log"]);
        Desk::finish(command, b"")
    } else {
        desk.run(&["index", "app.log"])
    };
    let answer = answer.ends_with(0).says("cut off overlong lines");
    assert_eq!((answer.summed("lines"), answer.summed("cut")), ("3", "418"));
    let lines = desk.all_lines(&["app.log"]);
    let kept: Vec<usize> = messages(&lines).iter().map(|message| message.len()).collect();
    assert_eq!(kept.len(), 3);
    assert!((1_000_000..=1 << 20).contains(&kept[1]), "{} bytes are kept", kept[1]);
    let places: Vec<_> = lines.iter().map(|line| line["line"].as_u64()).collect();
    assert_eq!(places, [Some(1), Some(2), Some(3)]);
    assert_eq!(
        lines[2]["offset"].as_u64(),
        fs::metadata(desk.path("app.log"))
            .ok()
            .map(|file| file.len() - line(3, "after").len() as u64)
    );
}

#[test]
fn invalid_utf8_is_found_and_still_json() {
    let desk = Desk::new();
    let mut log =
        b"2026-11-21T09:00:01.250Z INFO caf\xe9 closed \xff\xfe\xc0\x80 order=ORD-7\n".to_vec();
    log.extend(line(2, "after").into_bytes());
    desk.file("app.log", log);
    desk.run(&["lines", "ORD-7", "app.log"]).ends_with(0).says("closed").says("caf\u{fffd}");
    let lines = desk.all_lines(&["app.log"]);
    assert_eq!(lines.len(), 2);
    assert!(messages(&lines)[0].contains("closed"), "{lines:?}");
}

/// UTF-16 of a text, with its mark.
fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(to_bytes).collect()
}

#[test]
fn other_encodings_and_line_ends_give_the_same_lines() {
    let text = format!("{}{}", line(1, "Größe eins"), line(2, "Größe zwei"));
    let texts = [
        text.clone().into_bytes(),
        text.replace('\n', "\r\n").into_bytes(),
        format!("\u{feff}{text}").into_bytes(),
        utf16(&text, u16::to_le_bytes),
        utf16(&text, u16::to_be_bytes),
        utf16(&text.replace('\n', "\r\n"), u16::to_le_bytes),
        [utf16(&text, u16::to_be_bytes), vec![0]].concat(),
    ];
    for (number, bytes) in texts.iter().enumerate() {
        let desk = Desk::new();
        desk.file("app.log", bytes);
        let lines = desk.all_lines(&["app.log"]);
        let found = messages(&lines);
        assert_eq!(
            &found[..2],
            ["Größe eins", "Größe zwei"].map(|text| found
                .iter()
                .find(|found| found.starts_with(text))
                .copied()
                .unwrap_or(text)),
            "encoding {number}"
        );
        desk.run(&["trace", TRACE, "app.log"]).ends_with(0).says("Größe zwei");
    }
}

#[test]
fn a_hole_of_a_truncated_file_is_passed_over() {
    let desk = Desk::new();
    desk.file("app.log", line(1, "first"));
    let file = fs::OpenOptions::new().append(true).open(desk.path("app.log")).expect("it is there");
    file.set_len(64 << 20).expect("a hole takes no room");
    desk.append("app.log", line(2, "second"));
    desk.run(&["lines", "first", "app.log"]).ends_with(0).says("first");
    desk.run(&["lines", "second", "app.log"]).ends_with(0).says("second");
}

#[cfg(target_os = "linux")]
#[test]
fn names_of_any_bytes_work_and_are_shown_escaped() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let desk = Desk::new();
    let names: [&[u8]; 5] =
        [b"new\nline.log", b"caf\xe9.log", b"-q.log", &[b'n'; 255], b"\x1b]0;owned\x07.log"];
    for (second, name) in names.iter().enumerate() {
        desk.file(
            std::path::Path::new("logs").join(OsStr::from_bytes(name)),
            line(second, "named"),
        );
    }
    let lines = desk.all_lines(&["logs"]);
    assert_eq!(lines.len(), names.len());
    let answer = desk.run(&["lines", "named", "logs", "--full"]).ends_with(0);
    assert!(
        answer.out.contains("caf\\xe9.log") && answer.out.contains("new\\nline.log"),
        "{}",
        answer.out
    );
    assert!(!answer.out.contains(['\x1b', '\x07']), "{}", answer.out);
    // A name with a leading dash is a path behind `--`, and one alone is a file all the same.
    let mut command = desk.command(&["lines", "named", "--", "-q.log"]);
    command.current_dir(desk.path("logs"));
    Desk::finish(command, b"").ends_with(0).says("named");
}

#[cfg(unix)]
#[test]
fn links_in_circles_end_and_cost_nothing() {
    use std::os::unix::fs::symlink;
    let desk = Desk::new();
    desk.file("logs/a/app.log", line(1, "hello"));
    symlink("../..", desk.path("logs/a/around")).expect("links can be made");
    symlink("itself", desk.path("logs/itself")).expect("links can be made");
    symlink("nowhere", desk.path("logs/dangling")).expect("links can be made");
    symlink("a/app.log", desk.path("logs/again.log")).expect("links can be made");
    let answer = desk.run(&["index", "logs", "--full"]).ends_with(0).says_nothing_else();
    assert_eq!(answer.summed("lines"), "1");
    for name in ["logs/a/around", "logs/itself", "logs/dangling"] {
        assert!(answer.out.contains(name), "{name} is not listed in\n{}", answer.out);
    }
}

#[cfg(unix)]
#[test]
fn pipes_are_read_when_named_and_never_block_a_walk() {
    let desk = Desk::new();
    desk.file("logs/app.log", line(1, "hello"));
    let made = desk.other("mkfifo").arg("logs/pipe").status().expect("pipes can be made");
    assert!(made.success());
    desk.run(&["lines", "*", "logs"]).ends_with(0).says("hello").says_nothing_else();
    desk.run(&["index", "logs"]).ends_with(0).says("a device, pipe or socket: logs/pipe");
    let mut command = desk.other("sh");
    command.args(["-c", "cat logs/app.log > logs/pipe & exec \"$@\" < /dev/null", "sh"]);
    command.arg(program()).args(["lines", "hello", "logs/pipe"]);
    Desk::finish(command, b"").ends_with(0).says("hello");
}

#[test]
fn a_path_given_twice_is_read_once() {
    let desk = Desk::new();
    desk.file("logs/app.log", numbered(0..20));
    let answer = desk.run(&["index", "logs", "logs/app.log", "./logs"]).ends_with(0);
    assert_eq!(answer.summed("lines"), "20");
}

#[test]
fn standard_input_may_lack_its_last_newline() {
    let desk = Desk::new();
    let text = format!("{}{}", line(1, "first"), line(2, "last").trim_end());
    desk.run_with(text.as_bytes(), &["lines", "last", "-"]).ends_with(0).says("last");
    desk.run_with(text.as_bytes(), &["trace", TRACE, "-"]).ends_with(0).says("first").says("last");
    desk.run_with(b"", &["lines", "*", "-"]).ends_with(1);
    assert_eq!(fs::read_dir(desk.cache()).map(Iterator::count).ok(), Some(0));
}
