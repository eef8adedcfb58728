use proptest::prelude::*;

use super::*;
use crate::model::field;
use crate::model::record::TimeBasis;

/// Times without a year or day are placed by this: 2026-11-21T12:00:00Z.
const MODIFIED: i64 = 1_795_262_400_000_000_000;

fn decode_bytes(lines: &[&[u8]]) -> Vec<Record> {
    let mut decoder = Decoder::new(Definitions::embedded(), Some(MODIFIED));
    let mut records = Vec::new();
    let mut position = Position::START;
    for bytes in lines {
        decoder.push(Line { bytes, position, cut: 0, terminated: true }, &mut records);
        position.line += 1;
        position.offset += bytes.len() as u64 + 1;
    }
    decoder.finish(&mut records);
    assert_eq!(decoder.open_since(), None, "something stayed open");
    records
}

fn decode(text: &str) -> Vec<Record> {
    let lines: Vec<&[u8]> = text.split('\n').map(str::as_bytes).collect();
    decode_bytes(&lines)
}

/// Each record as `lines format message`.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let found: Vec<String> = decode(text)
        .iter()
        .map(|record| format!("{} {} {}", record.lines, record.format, record.message))
        .collect();
    assert_eq!(found, expected, "text: {text}");
}

fn text_of<'a>(record: &'a Record, name: &str) -> Option<&'a str> {
    field::find(&record.fields, name).and_then(|value| value.as_text())
}

#[test]
fn plain_lines_keep_their_place_and_take_the_time_before_them() {
    let records = decode("banner\n2026-11-21T09:30:15Z ready\nno time here\n");
    let bases: Vec<_> =
        records.iter().map(|record| record.time.as_ref().map(|time| time.basis)).collect();
    assert_eq!(bases, [None, Some(TimeBasis::Line), Some(TimeBasis::Inherited)]);
    let lines: Vec<u64> = records.iter().map(|record| record.position.line).collect();
    assert_eq!(lines, [1, 2, 3]);
    assert_eq!(&*records[2].format, "plain");
    assert_eq!(records[2].time.as_ref().map(|time| time.text.as_str()), Some(""));
}

#[test]
fn a_time_among_the_words_counts_only_for_want_of_another() {
    let records =
        decode("Started GET /x at 2026-11-21 09:30:15 +0000\nbuilt on 2019-03-01 12:00:00");
    let bases: Vec<_> =
        records.iter().filter_map(|record| Some(record.time.as_ref()?.basis)).collect();
    assert_eq!(bases, [TimeBasis::Mentioned, TimeBasis::Inherited]);
}

#[test]
fn a_line_of_several_records_gives_each_its_bytes() {
    let line = r#"{"logGroup":"/aws/lambda/pay","logStream":"s","logEvents":[{"timestamp":1795253415250,"message":"level=warn msg=one n=1\n"},{"timestamp":1795253416250,"message":"level=info msg=two n=2"}]}"#;
    let records = decode(line);
    let messages: Vec<&str> = records.iter().map(|record| record.message.as_str()).collect();
    assert_eq!(messages, ["one", "two"]);
    assert_eq!(records.iter().map(|record| record.lines).collect::<Vec<_>>(), [1, 0]);
    assert_eq!(
        records.iter().flat_map(|record| record.raw.clone()).collect::<Vec<_>>(),
        line.as_bytes()
    );
    assert!(records[1].raw.ends_with(b"msg=two n=2\"}]}"));
}

#[test]
fn a_row_of_a_table_goes_on_behind_a_line_end_inside_quotes() {
    check(
        "Timestamp,Level,Log\n2026-11-21T09:30:15Z,a,\"failed\n\tat a.b\"\n2026-11-21T09:30:16Z,a,next\nno row",
        &["1 csv Timestamp,Level,Log", "2 csv failed\n\tat a.b", "1 csv next", "1 plain no row"],
    );
}

#[test]
fn an_export_over_several_lines_is_opened() {
    check(
        "{\n  \"events\": [\n    {\n      \"logStreamName\": \"w\",\n      \"timestamp\": 1795253415250,\n      \"message\": \"[WARN] low\",\n      \"ingestionTime\": 1795253415251\n    },\n    {\n      \"logStreamName\": \"w\",\n      \"timestamp\": 1795253415250,\n      \"message\": \"[INFO] ok\",\n      \"ingestionTime\": 1795253415251\n    }\n  ]\n}",
        &["2 plain {\n  \"events\": [", "6 timestamped low", "6 timestamped ok", "2 plain   ]\n}"],
    );
}

#[test]
fn a_mixed_stream_is_understood_line_by_line() {
    check(
        "starting\n{\"level\":\"info\",\"msg\":\"up\"}\nlevel=warn msg=low sku=A-19\n\
         1:M 21 Nov 2026 09:30:15.250 # save failed\n{\"level\":\"info\",\"msg\":\"cut",
        &[
            "1 plain starting",
            "1 json up",
            "1 logfmt low",
            "1 redis save failed",
            "1 plain {\"level\":\"info\",\"msg\":\"cut",
        ],
    );
}

#[test]
fn a_stack_trace_joins_its_record_through_the_envelope_of_its_stream() {
    let docker = |log: &str, stream: &str, second: u32| {
        format!(
            "{{\"log\":\"{log}\\n\",\"stream\":\"{stream}\",\"time\":\"2026-11-21T09:30:{second:02}Z\"}}"
        )
    };
    let text = [
        docker("09:30:15.250 [main] ERROR shop.Pay - charge failed", "stdout", 15),
        docker("java.io.IOException: reset", "stdout", 15),
        docker("warming up", "stderr", 16),
        docker("\\tat pay.Charge.run(Charge.java:17)", "stdout", 16),
        docker("09:30:17.000 [main] INFO shop.Pay - next", "stdout", 17),
    ]
    .join("\n");
    let records = decode(&text);
    assert_eq!(records.len(), 3);
    let failed = records.iter().find(|record| record.lines == 3).unwrap();
    assert_eq!(failed.message, "charge failed");
    assert_eq!(text_of(failed, "exception.type"), Some("java.io.IOException"));
    assert_eq!(text_of(failed, "exception.message"), Some("reset"));
    assert_eq!(
        text_of(failed, "exception.stacktrace"),
        Some("java.io.IOException: reset\n\tat pay.Charge.run(Charge.java:17)")
    );
    assert_eq!(failed.time.as_ref().map(|time| time.basis), Some(TimeBasis::Envelope));
}

#[test]
fn envelopes_are_opened_in_any_order_up_to_four_deep() {
    check(
        "api-1  | <12>1 2026-11-21T09:30:15.250Z n1 pay 71 - - {\"log\":\"level=warn msg=low sku=A\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-21T09:30:15Z\"}",
        &["1 logfmt low"],
    );
    let nested = (0..10).fold("level=warn msg=low sku=A".to_owned(), |text, index| {
        format!("api-{index}  | {text}")
    });
    let records = decode(&nested);
    assert_eq!(records.len(), 1);
    assert_eq!(&*records[0].format, "plain");
}

#[test]
fn a_fragment_without_an_end_is_left_when_a_record_begins() {
    let line = |log: &str| {
        format!("{{\"log\":\"{log}\",\"stream\":\"stdout\",\"time\":\"2026-11-21T09:30:15Z\"}}")
    };
    check(
        &[
            line("level=info msg=one n=1"),
            line("level=info msg=two n=2"),
            line("level=info msg=three n=3\\n"),
        ]
        .join("\n"),
        &["1 logfmt one", "1 logfmt two", "1 logfmt three"],
    );
    let long = "x".repeat(16 * 1024);
    let records = decode(&[line(&long), line(&long), line("end\\n")].join("\n"));
    assert_eq!((records.len(), records[0].lines), (1, 3));
    assert_eq!(records[0].message.len(), 2 * 16 * 1024 + 3);
}

#[test]
fn streams_of_partial_lines_do_not_mix() {
    check(
        "2026-11-21T09:30:15.1Z stdout P one \n2026-11-21T09:30:15.2Z stderr F other\n\
         2026-11-21T09:30:15.3Z stdout F two",
        &["2 plain one two", "1 plain other"],
    );
}

#[test]
fn a_record_stays_below_its_limits_and_the_rest_is_kept() {
    let text = format!("2026-11-21T09:30:15Z failed\n{}", "\tat a.b\n".repeat(2500).trim_end());
    let records = decode(&text);
    let lines: Vec<u32> = records.iter().map(|record| record.lines).collect();
    assert_eq!(lines, [1000, 1000, 501]);
}

#[test]
fn an_object_over_several_lines_is_one_record_with_its_own_time() {
    let records = decode(
        "{\n  \"level\": \"warn\",\n  \"time\": \"2026-11-21T09:30:15Z\",\n  \"msg\": \"low\"\n}\nnext",
    );
    assert_eq!(records.len(), 2);
    assert_eq!((records[0].lines, &*records[0].format), (5, "json"));
    assert_eq!(records[0].severity, Some(Severity::WARN));
    assert_eq!(records[0].time.as_ref().map(|time| time.basis), Some(TimeBasis::Line));
}

#[test]
fn open_since_names_the_oldest_line_that_may_still_grow() {
    let mut decoder = Decoder::new(Definitions::embedded(), None);
    let mut records = Vec::new();
    for (index, text) in
        ["2026-11-21T09:30:15Z one", "\tat a.b", "2026-11-21T09:30:16Z two"].iter().enumerate()
    {
        let position = Position { line: index as u64 + 1, offset: 100 * index as u64 };
        decoder.push(
            Line { bytes: text.as_bytes(), position, cut: 0, terminated: true },
            &mut records,
        );
        let oldest = decoder.open_since().map(|position| position.line);
        assert_eq!(oldest, Some(if index < 2 { 1 } else { 3 }));
    }
    assert_eq!(records.len(), 1);
}

#[test]
fn colours_and_line_ends_are_seen_through_and_kept_in_raw() {
    let records = decode("\u{1b}[32m2026-11-21T09:30:15Z\u{1b}[0m INFO ready\r");
    assert_eq!(records[0].message, "ready");
    assert_eq!(records[0].severity, Some(Severity::INFO));
    assert!(records[0].raw.starts_with(b"\x1b[32m") && records[0].raw.ends_with(b"\r"));
}

/// Every line is in exactly one record: for records of lines that follow each other, at
/// the place they come from; for interleaved streams, somewhere.
#[test]
fn a_time_that_is_days_from_its_envelope_is_kept_and_marked() {
    let line = |day| {
        format!(
            r#"{{"log":"2026-11-{day}T09:30:15Z up\n","stream":"stdout","time":"2026-11-21T09:30:16Z"}}"#
        )
    };
    let mut decoder = Decoder::of_file(Definitions::embedded(), None, "app.log");
    let mut records = Vec::new();
    for (number, day) in (1..).zip(["21", "14"]) {
        let position = Position { line: number, offset: number * 100 };
        let bytes = line(day).into_bytes();
        decoder.push(Line { bytes: &bytes, position, cut: 0, terminated: true }, &mut records);
    }
    decoder.finish(&mut records);
    let marked = |record: &Record| {
        let at = record.time.as_ref().map(|time| time.at.to_string()).unwrap_or_default();
        (at[..10].to_owned(), field::find(&record.fields, "ts_suspect").is_some())
    };
    let found: Vec<_> = records.iter().map(marked).collect();
    assert_eq!(found, [("2026-11-21".to_owned(), false), ("2026-11-14".to_owned(), true)]);
}

fn check_nothing_is_lost(lines: &[Vec<u8>]) -> Result<(), TestCaseError> {
    let borrowed: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
    let records = decode_bytes(&borrowed);
    let total: u64 = records.iter().map(|record| u64::from(record.lines)).sum();
    prop_assert_eq!(total, lines.len() as u64);
    let mut found: Vec<Vec<u8>> = Vec::new();
    for record in &records {
        let of_record: Vec<&[u8]> = record.raw.split(|byte| *byte == b'\n').collect();
        prop_assert_eq!(of_record.len() as u32, record.lines.max(1));
        if record.lines == 0 {
            // It shares the line of the record before it.
            let rest = of_record[0];
            let last = found.last_mut().map(|last| last.extend_from_slice(rest));
            prop_assert!(last.is_some());
            continue;
        }
        found.extend(of_record.into_iter().map(<[u8]>::to_vec));
    }
    found.sort_unstable();
    let mut wanted = lines.to_vec();
    wanted.sort_unstable();
    prop_assert_eq!(found, wanted);
    Ok(())
}

/// Lines that definitions, envelopes and the joiner know, whole and cut off.
fn known_line() -> impl Strategy<Value = Vec<u8>> {
    let definitions = Definitions::embedded();
    let mut lines: Vec<String> = definitions
        .iter()
        .flat_map(|definition| &definition.samples)
        .flat_map(|sample| sample.line.split('\n').map(str::to_owned))
        .collect();
    lines.extend(
        [
            "",
            "{",
            "}",
            "\tat a.b",
            "panic: x",
            "Caused by: y: z",
            "Traceback (most recent call last):",
        ]
        .map(str::to_owned),
    );
    (prop::sample::select(lines), any::<prop::sample::Index>(), any::<bool>()).prop_map(
        |(line, end, cut)| {
            let mut bytes = line.into_bytes();
            if cut {
                bytes.truncate(end.index(bytes.len() + 1));
            }
            bytes
        },
    )
}

fn any_line() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>().prop_filter("no line's end", |byte| *byte != b'\n'), 0..60)
}

proptest! {
    #[test]
    fn no_line_is_lost_whatever_the_bytes(lines in prop::collection::vec(any_line(), 0..30)) {
        check_nothing_is_lost(&lines)?;
    }

    #[test]
    fn no_line_is_lost_whatever_the_mixture(lines in prop::collection::vec(known_line(), 0..60)) {
        check_nothing_is_lost(&lines)?;
    }
}
