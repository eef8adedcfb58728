//! Reads a line of no known format: a time near its beginning, a level beside it, and the rest.
//!
//! What stands before the time may be words of a head (a level, a host, a number, something in
//! brackets), but no sentence: a time that a sentence mentions is not when it was written.

use std::borrow::Cow;

use crate::decode::draft::{Draft, Rules, StatedTime};
use crate::decode::timestamp::{self, Found};
use crate::model::severity::Severity;

/// Words that may stand before the time; access logs have four, others six.
const WORDS_BEFORE: usize = 6;
/// Words behind the time among which the level is looked for: `OpenStack` has one between,
/// supercomputers have five.
const WORDS_AFTER: usize = 8;
/// Levels that are so in capitals only: as words they are common.
const IN_CAPITALS: [&str; 2] = ["CONFIG", "LOG"];
/// What a pair that states the level is called.
const LEVEL_NAMES: [&str; 6] = ["level", "severity", "lvl", "loglevel", "prio", "priority"];
/// Pairs are looked at so far from the time: behind that a message speaks of something else.
const PAIRS_BYTES: usize = 240;
/// A longer head is none.
const HEAD_BYTES: usize = 160;
/// Deeper indentation belongs to the record above.
const INDENTATION_MAX: usize = 2;

/// A level and how sure it is that the word is one.
struct Level {
    severity: Severity,
    /// Whether it is written as levels are: in capitals, in brackets, before a colon.
    is_marked: bool,
    /// Whether it is in capitals.
    is_capital: bool,
}

/// Reads a line; none if it begins with neither time nor level.
pub(in crate::decode) fn read<'a>(text: &'a str, rules: &Rules) -> Option<Draft<'a>> {
    let body = text.trim_start_matches(' ');
    if text.len() - body.len() > INDENTATION_MAX {
        return None;
    }
    let Some((found, before)) = head(body, rules) else { return level_alone(body, rules) };
    let (after, level) = tail(&body[found.end..], rules);
    let lead = body[..found.start].trim_matches(|letter: char| !letter.is_alphanumeric());
    let message = match before {
        Before::Words => Cow::Owned(format!("{} {after}", body[..found.start].trim_end())),
        Before::Nothing | Before::Level(_) => Cow::Borrowed(after),
    };
    let severity = match before {
        Before::Level(severity) => Some(severity),
        Before::Nothing | Before::Words => {
            level.or_else(|| lead.split([' ', '\t', ':']).find_map(|word| marked(word, rules)))
        }
    };
    let time = StatedTime {
        reading: found.reading,
        text: body[found.start..found.end].trim_matches(['[', ']', '(', ')']).to_owned(),
        mentioned: false,
    };
    Some(Draft { time: Some(time), severity, message, ..Draft::default() })
}

/// What stands before the time.
#[derive(Clone, Copy)]
enum Before {
    Nothing,
    Level(Severity),
    Words,
}

/// Finds the time and says what stands before it.
fn head(text: &str, rules: &Rules) -> Option<(Found, Before)> {
    let mut before = Before::Nothing;
    let mut place = 0;
    let mut is_sentence = false;
    for index in 0..=WORDS_BEFORE {
        let dressed = place;
        place += text[place..].bytes().take_while(|byte| is_opening(*byte)).count();
        if let Some((severity, length)) = boxed_letter(text, place, rules) {
            before = Before::Level(severity);
            place += length;
        }
        let rest = &text[place..];
        if let Some(found) = timestamp::at_start(rest)
            && (index <= 1 || !is_bare(rest, found))
        {
            let found = Found { start: place, end: place + found.end, ..found };
            return (!is_sentence || is_framed(text, found, rules)).then_some((found, before));
        }
        let length = rest.find([' ', '\t']).filter(|length| *length > 0)?;
        // vdsm's columns: `Thread-7::INFO::2026-11-21 …`.
        let length = rest[..length].find("::").map_or(length, |column| column + 2);
        let word = &rest[..length];
        let dressed = text[dressed..place + length].trim_start();
        let level = marked(dressed, rules);
        is_sentence |= index > 0 && level.is_none() && is_prose(word);
        before = match (level, before) {
            (Some(severity), Before::Nothing) => Before::Level(severity),
            (None, Before::Nothing) if is_mark(word) => Before::Nothing,
            (None, Before::Nothing) if index == 0 && leads(&rest[length..]) => {
                level_word(word, rules).map_or(Before::Words, Before::Level)
            }
            (None, Before::Nothing) if index == 0 && rest[length..].starts_with(" [") => {
                single_letter(word, rules).map_or(Before::Words, Before::Level)
            }
            _ => Before::Words,
        };
        place += length;
        if place > HEAD_BYTES {
            return None;
        }
    }
    None
}

/// Whether a time stands next.
fn leads(rest: &str) -> bool {
    timestamp::at_start(rest.trim_start()).is_some()
}

/// The level that is a whole word, however it is written: `Info 2026-11-21 09:30:15`.
fn level_word(word: &str, rules: &Rules) -> Option<Severity> {
    let (level, length) = level(word, rules)?;
    (length == word.len()).then_some(level.severity)
}

/// A level of one letter, before a time in brackets: `E [21/Nov/2026:09:30:15 +0000]`.
fn single_letter(word: &str, rules: &Rules) -> Option<Severity> {
    let letter = word.trim_end_matches(',');
    matches!(letter, "D" | "I" | "W" | "E" | "F").then(|| rules.severity(letter))?
}

/// A level of one letter in brackets with the time right behind it: `<W>2026-11-21 09:30:15`.
/// `place` is behind the opening one.
fn boxed_letter(text: &str, place: usize, rules: &Rules) -> Option<(Severity, usize)> {
    let closing = match text.as_bytes().get(place.checked_sub(1)?)? {
        b'<' => '>',
        b'[' => ']',
        _ => return None,
    };
    let (letter, after) = text[place..].split_once(closing)?;
    (letter.len() == 1 && after.starts_with(|next: char| next.is_ascii_digit())).then_some(())?;
    Some((rules.severity(letter)?, 2))
}

/// Whether a time behind words of a sentence is set apart from them all the same: in brackets,
/// in a column of its own, or with a level behind it.
fn is_framed(text: &str, found: Found, rules: &Rules) -> bool {
    let (before, after) = (text[..found.start].trim_end(), text[found.end..].trim_start());
    let last = text[..found.end].trim_end().bytes().last();
    let is_closed = |closing| last == Some(closing) || after.as_bytes().first() == Some(&closing);
    match before.bytes().last() {
        Some(b'[') if is_closed(b']') => true,
        Some(b'|') if is_closed(b'|') => true,
        _ => after.split_whitespace().next().is_some_and(|word| marked(word, rules).is_some()),
    }
}

/// Whether a time is only a number or a time of day, which behind other words could be
/// anything.
fn is_bare(text: &str, found: Found) -> bool {
    let text = &text[..found.end];
    text.bytes().all(|byte| byte.is_ascii_digit() || b".:,".contains(&byte))
}

/// A sign that only parts: `-`, `|`.
fn is_mark(word: &str) -> bool {
    !word.bytes().any(|byte| byte.is_ascii_alphanumeric())
}

const fn is_opening(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'[' | b'(' | b'<' | b'"' | b'\'' | b'|' | b'{')
}

/// A word of a sentence: letters alone.
fn is_prose(word: &str) -> bool {
    let word = word.trim_end_matches([',', '.', ':', ';']);
    word.len() > 1 && word.chars().all(char::is_alphabetic)
}

/// What follows the time, without a level that stands next; and the level.
fn tail<'a>(text: &'a str, rules: &Rules) -> (&'a str, Option<Severity>) {
    let rest =
        text.trim_start_matches([' ', '\t', ']', ')', '>', '|', ',', '"', '\'', '-', ':', '}']);
    let opened = rest.trim_start_matches(['[', '(', '<', '|', '*', ' ', '"']);
    if let Some((letter, after)) = rest.split_once(' ')
        && matches!(letter, "D" | "I" | "W" | "E" | "F" | "C" | "T")
    {
        return (
            after.trim(),
            rules.severity(if letter == "T" {
                "trace"
            } else if letter == "C" {
                "critical"
            } else {
                letter
            }),
        );
    }
    // icinga: `critical/Application: …`.
    if let Some((word, facility)) = opened.split(' ').next().and_then(|word| word.split_once('/'))
        && facility.ends_with(':')
        && let Some((level, length)) = level(word, rules)
        && length == word.len()
    {
        return (rest.trim_end(), Some(level.severity));
    }
    if let Some((level, length)) = level(opened, rules)
        && (level.is_marked || opened.len() < rest.len() || is_word(&opened[..length]))
    {
        let after = opened[length..]
            .trim_start_matches([']', ')', '>', '|', '*', ':', '-', ' ', '\t', ',', '"']);
        return (after.trim_end(), Some(level.severity));
    }
    (rest.trim_end(), later(rest, rules))
}

/// A level among the next words, if it is marked as one.
fn later(text: &str, rules: &Rules) -> Option<Severity> {
    let mut numbers = 0;
    for word in text.split_whitespace().take(WORDS_AFTER) {
        if let Some(severity) = marked(word, rules) {
            return Some(severity);
        }
        // Android: process, thread, then one letter; or the letter and a tag.
        let mut letters = word.chars();
        if let (Some(letter), next) = (letters.next(), letters.next())
            && ((numbers >= 2 && next.is_none()) || next == Some('/'))
            && "VDIWEFA".contains(letter)
        {
            return rules.severity(if letter == 'V' { "trace" } else { &word[..1] });
        }
        numbers += usize::from(word.bytes().all(|byte| byte.is_ascii_digit()));
    }
    in_pair(text, rules)
}

/// The value of the first pair that names a level: `Severity="Error"`, `level: warn`.
fn in_pair(text: &str, rules: &Rules) -> Option<Severity> {
    let head = text.as_bytes().get(..PAIRS_BYTES).unwrap_or(text.as_bytes());
    memchr::memchr2_iter(b'=', b':', head).find_map(|at| {
        let name = &head[..at];
        let is_named = LEVEL_NAMES.iter().any(|level| {
            let from = name.len().checked_sub(level.len());
            from.is_some_and(|from| {
                name[from..].eq_ignore_ascii_case(level.as_bytes())
                    && (from == 0 || !name[from - 1].is_ascii_alphanumeric())
            })
        });
        is_named.then_some(())?;
        let value = text.get(at + 1..)?.trim_start_matches([' ', '"', '\'']);
        // Numbers mean what only their writer knows.
        let length = value.bytes().take_while(u8::is_ascii_alphabetic).count();
        rules.severity(value.get(..length)?)
    })
}

/// The severity of a word that is written as a level is.
fn marked(word: &str, rules: &Rules) -> Option<Severity> {
    let opened = word.trim_start_matches(['[', '(', '<', '|', '*', '"', '{']);
    let is_opened = opened.len() < word.len();
    // Java's unified logging: `[11690][info][gc,init]`.
    if let Some((_, others)) = opened.split_once("][").filter(|_| is_opened) {
        let boxes = others.split("][").map(|inner| inner.trim_end_matches(']'));
        let found = boxes.take(WORDS_AFTER).find_map(|inner| {
            let (level, length) = level(inner, rules)?;
            (length == inner.len()).then_some(level.severity)
        });
        if found.is_some() {
            return found;
        }
    }
    let named = ["level=", "lvl=", "severity=", "loglevel="];
    if let Some(value) = named.iter().find_map(|name| opened.strip_prefix(name)) {
        let value = value.trim_matches('"');
        return rules
            .severity(value)
            .filter(|_| !value.starts_with(|first: char| first.is_ascii_digit()));
    }
    if is_opened && opened.trim_end_matches([']', ')', '>']).len() == 1 {
        return rules
            .severity(&opened[..1])
            .filter(|_| opened.starts_with(['D', 'I', 'W', 'E', 'F', 'C']));
    }
    let (level, _) = level(opened, rules)?;
    (level.is_marked || is_opened).then_some(level.severity)
}

/// The level that a text without a time states among its first words: in brackets, or in
/// capitals before or behind a colon.
pub(in crate::decode) fn stated_level(text: &str) -> Option<Severity> {
    let rules = Rules::default();
    let mut is_apart = true;
    text.split_whitespace().take(WORDS_AFTER).find_map(|word| {
        let was_apart = std::mem::replace(&mut is_apart, word.ends_with([':', ']', '|']));
        let boxed = word.find(['[', '<']).filter(|at| !word[..*at].ends_with('='));
        let opened = boxed.map_or(word, |at| &word[at + 1..]);
        let (level, length) = level(opened, &rules)?;
        let closed = &opened[length..];
        let is_boxed = opened.len() < word.len() && closed.starts_with([']', '>', ':']);
        let is_word = was_apart && closed.is_empty() && !IN_CAPITALS.contains(&opened);
        let is_headed = closed.starts_with(':') || is_word;
        (is_boxed || (level.is_capital && is_headed)).then_some(level.severity)
    })
}

fn is_word(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// The level that a text begins with, and the length of its word.
fn level(text: &str, rules: &Rules) -> Option<(Level, usize)> {
    const WORDS: [&str; 34] = [
        "trace",
        "debug",
        "info",
        "information",
        "notice",
        "warn",
        "warning",
        "error",
        "err",
        "critical",
        "crit",
        "fatal",
        "severe",
        "alert",
        "emerg",
        "emergency",
        "panic",
        "verbose",
        "fine",
        "finer",
        "finest",
        "inf",
        "wrn",
        "dbg",
        "ftl",
        "trc",
        "success",
        "erro",
        "debu",
        "debg",
        "trce",
        "trac",
        "fata",
        "pani",
    ];
    let length = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let word = &text[..length];
    let known = WORDS.iter().any(|known| word.eq_ignore_ascii_case(known));
    if !known && !IN_CAPITALS.contains(&word) {
        return None;
    }
    let is_capital = word.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_marked = is_capital || text[length..].starts_with([']', ')', '>', ':', '|']);
    let mut end = length;
    // logrus on a terminal: `INFO[0003]`.
    if let Some(counter) = text[length..].strip_prefix('[')
        && let Some((digits, _)) = counter.split_once(']')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
    {
        end += digits.len() + 2;
    } else if text[length..]
        .starts_with(|next: char| next.is_alphanumeric() || "_/.".contains(next))
    {
        return None;
    }
    Some((Level { severity: rules.severity(word)?, is_marked, is_capital }, end))
}

/// A line with a level and no time: `ERROR: no such file`, `info: mail sent`. A program's last
/// words (`panic: …`, `Error: …` of Node.js) name an exception, no level.
fn level_alone<'a>(text: &'a str, rules: &Rules) -> Option<Draft<'a>> {
    let opened = text.trim_start_matches(['[', '<', '(']);
    let (level, length) = level(opened, rules)?;
    let word = &opened[..length];
    if matches!(word, "Error" | "panic" | "fatal")
        || (IN_CAPITALS.contains(&word) && !opened[length..].starts_with([':', ']']))
    {
        return None;
    }
    if !level.is_marked && opened.len() == text.len() {
        return None;
    }
    let rest = opened[length..].trim_start_matches([']', '>', ')', ':', '|']);
    if !rest.is_empty() && !rest.starts_with([' ', '\t', '[']) && !opened[length..].starts_with(':')
    {
        return None;
    }
    let message = Cow::Borrowed(rest.trim());
    Some(Draft { severity: Some(level.severity), message, ..Draft::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The time, the level and the message of a line.
    #[track_caller]
    fn check(text: &str, expected: Option<(&str, u8, &str)>) {
        let draft = read(text, &Rules::default());
        let found = draft.as_ref().map(|draft| {
            let time = draft.time.as_ref().map_or("", |time| time.text.as_str());
            (time, draft.severity.map_or(0, Severity::number), draft.message.as_ref())
        });
        assert_eq!(found, expected, "text: {text}");
    }

    #[test]
    fn time_and_level_are_found_in_any_order_and_dress() {
        check("2026-11-21 09:30:15 | warn | low", Some(("2026-11-21 09:30:15", 13, "low")));
        check("[WARN] 2026-11-21 09:30:15 - low", Some(("2026-11-21 09:30:15", 13, "low")));
        check("Warn   2026-11-21 09:30:15 low", Some(("2026-11-21 09:30:15", 13, "low")));
        check(
            "2026-11-21 09:30:15, Info      CBS    up",
            Some(("2026-11-21 09:30:15", 9, "CBS    up")),
        );
        check("(2026-11-21T09:30:15Z) <error> no", Some(("2026-11-21T09:30:15Z", 17, "no")));
        check("09:30:15.250 [I] up", Some(("09:30:15.250", 9, "[I] up")));
        check("INFO[0003] up   k=v", Some(("", 9, "up   k=v")));
        check("info: mail sent", Some(("", 9, "mail sent")));
        check(
            "[2026-11-21T09:30:15Z][7][info][gc] up",
            Some(("2026-11-21T09:30:15Z", 9, "[7][info][gc] up")),
        );
        check("E [21/Nov/2026:09:30:15 +0000] no", Some(("21/Nov/2026:09:30:15 +0000", 17, "no")));
        check(
            "[2026-11-21 09:30:15 +0000] critical/App: no",
            Some(("2026-11-21 09:30:15 +0000", 21, "critical/App: no")),
        );
        check(
            "Nov 21 09:30:15 msg=\"x\" level=\"0\" prio=\"Notice\"",
            Some(("Nov 21 09:30:15", 10, "msg=\"x\" level=\"0\" prio=\"Notice\"")),
        );
        check("CONFIG ERROR: no password", None);
        check("<W>2026-11-21 09:30:15 no", Some(("2026-11-21 09:30:15", 13, "no")));
        check(
            "T-7::INFO::2026-11-21 09:30:15,250::up",
            Some(("2026-11-21 09:30:15,250", 9, "T-7::INFO:: up")),
        );
        check(
            "[2026-11-21 09:30:15] SEC[7] a.c: Event=\"Denied\",Severity=\"Error\",Id=7",
            Some((
                "2026-11-21 09:30:15",
                17,
                "SEC[7] a.c: Event=\"Denied\",Severity=\"Error\",Id=7",
            )),
        );
    }

    #[test]
    fn a_level_some_words_behind_the_time_counts_if_it_is_marked() {
        check(
            "2026-11-21 09:30:15.250 25746 INFO nova.api up",
            Some(("2026-11-21 09:30:15.250", 9, "25746 INFO nova.api up")),
        );
        check(
            "2026-11-21 09:30:15 an error came",
            Some(("2026-11-21 09:30:15", 0, "an error came")),
        );
    }

    #[test]
    fn words_of_a_head_may_stand_before_the_time_and_stay_in_the_message() {
        check(
            "10.0.0.9 - - [21/Nov/2026:10:30:15 +0100] strange",
            Some(("21/Nov/2026:10:30:15 +0100", 0, "10.0.0.9 - - [ strange")),
        );
        check(
            "nova.log.1.2026 2026-11-21 09:30:15 up",
            Some(("2026-11-21 09:30:15", 0, "nova.log.1.2026 up")),
        );
    }

    #[test]
    fn a_time_that_is_set_apart_counts_behind_words_of_a_sentence_too() {
        check(
            "8e035 ffff3 -- none -- - 2026-11-21T09:30:15Z WARN (4): no",
            Some(("2026-11-21T09:30:15Z", 13, "8e035 ffff3 -- none -- - (4): no")),
        );
        check(
            "INFO   | jvm 1    | 2026/11/21 09:30:15 | dumped",
            Some(("2026/11/21 09:30:15", 9, "INFO   | jvm 1    | dumped")),
        );
        check(
            "shop.example 10.0.0.9 - ann [21/Nov/2026:10:30:15 +0100] strange",
            Some(("21/Nov/2026:10:30:15 +0100", 0, "shop.example 10.0.0.9 - ann [ strange")),
        );
    }

    #[test]
    fn a_level_among_words_without_a_time_counts_if_it_is_boxed_or_headed() {
        for (text, number) in [
            ("(?@10.0.0.9) [WARNING] Authentication failed", 13),
            ("pid 7: ERROR: no such table", 17),
            ("worker <notice>: up", 10),
            ("util.py[DEBUG]: Restoring", 5),
            ("fail2ban.actions [7]: NOTICE [sshd] Ban", 10),
            ("user=<info>, rip=10.0.0.9", 0),
            ("no error: all is well", 0),
            ("an ERROR came", 0),
        ] {
            assert_eq!(stated_level(text).map_or(0, Severity::number), number, "text: {text}");
        }
    }

    #[test]
    fn sentences_and_indented_lines_are_left_alone() {
        for text in [
            "we met at 2026-11-21 09:30:15 in town",
            "we met at (2026-11-21 09:30:15) in town",
            "error while reading",
            "    2026-11-21 09:30:15 deep",
            "information about the rest",
            "ERROR_CODE=3",
            "",
        ] {
            check(text, None);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,80}", head in r"[\[\]() <>|:A-Zé0-9.-]{0,60}") {
            let _ = read(&text, &Rules::default());
            let _ = read(&head, &Rules::default());
        }
    }
}
