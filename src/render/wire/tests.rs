//! Every machine-readable answer fulfils its published schema, member by member.
//!
//! The check below knows the few words of JSON Schema that ours use and refuses any other,
//! so that no part of a schema goes unchecked.

use regex::Regex;
use serde_json::Value;

use crate::analysis::analyse;
use crate::analysis::facets::{Counted, Facets};
use crate::analysis::group::{Blocks, Groups, Observed, Told, compare};
use crate::analysis::map::{self, Builder};
use crate::analysis::pair;
use crate::engine::ledger::Ledger;
use crate::model::checkpoint::Checkpoint;
use crate::model::entry::Entry;
use crate::model::finding::{Evidence, Finding, Level, Measure};
use crate::model::time::Timestamp;
use crate::render::fixture::{self, Story};
use crate::render::path::PathView;
use crate::render::requests::{RequestRow, Why};
use crate::render::store::SourceRow;
use crate::render::wire;
use crate::render::wire::facets::Of;
use crate::render::wire::search::{WirePlan, WireStep, WireTotal};

use crate::store::care::{Damage, Part, SourceShare, Statistics, Verification};

const TRACE: &str = include_str!("../../../docs/schema/trace.schema.json");
const DIAGNOSIS: &str = include_str!("../../../docs/schema/diagnosis.schema.json");
const SEARCH: &str = include_str!("../../../docs/schema/search.schema.json");
const FACETS: &str = include_str!("../../../docs/schema/facets.schema.json");
const LINES: &str = include_str!("../../../docs/schema/lines.schema.json");
const GROUPS: &str = include_str!("../../../docs/schema/groups.schema.json");
const PAIR: &str = include_str!("../../../docs/schema/pair.schema.json");
const MAP: &str = include_str!("../../../docs/schema/map.schema.json");
const STATISTICS: &str = include_str!("../../../docs/schema/store-stats.schema.json");
const VERIFICATION: &str = include_str!("../../../docs/schema/store-verify.schema.json");
const SPANS: &str = include_str!("../../../docs/schema/spans.schema.json");

struct Schema {
    whole: Value,
}

impl Schema {
    fn parse(text: &str) -> Self {
        Self { whole: serde_json::from_str(text).expect("a schema is JSON") }
    }

    #[track_caller]
    fn check(&self, answer: &Value) {
        self.check_part(&self.whole, answer, "$");
    }

    #[track_caller]
    fn check_definition(&self, name: &str, answer: &Value) {
        self.check_part(&self.whole["$defs"][name], answer, name);
    }

    #[track_caller]
    fn check_part(&self, schema: &Value, value: &Value, at: &str) {
        let words = schema.as_object().unwrap_or_else(|| panic!("{at}: no schema"));
        for (word, expected) in words {
            match word.as_str() {
                "$schema" | "$defs" | "title" | "description" => {}
                "$ref" => {
                    let place = expected.as_str().expect("a reference").trim_start_matches('#');
                    let target = self.whole.pointer(place).expect("a definition");
                    self.check_part(target, value, at);
                }
                "type" => assert!(is_of_type(value, expected), "{at}: {value} is no {expected}"),
                "const" => assert_eq!(value, expected, "{at}"),
                "enum" => {
                    let values = expected.as_array().expect("a list");
                    assert!(values.contains(value), "{at}: {value} is none of {values:?}");
                }
                "pattern" => check_pattern(expected, value, at),
                "minimum" => {
                    assert!(value.is_null() || value.as_f64() >= expected.as_f64(), "{at}");
                }
                "maximum" => {
                    assert!(value.is_null() || value.as_f64() <= expected.as_f64(), "{at}");
                }
                // What is said of objects does not concern a null that may stand in their place.
                "required" | "properties" | "additionalProperties" if value.is_null() => {}
                "required" => {
                    for name in expected.as_array().expect("a list") {
                        let name = name.as_str().expect("a name");
                        assert!(value.get(name).is_some(), "{at}: {name} is missing");
                    }
                }
                "properties" => {
                    for (name, part) in expected.as_object().expect("an object") {
                        if let Some(member) = value.get(name) {
                            self.check_part(part, member, &format!("{at}.{name}"));
                        }
                    }
                }
                "additionalProperties" => {
                    for name in value.as_object().expect("an object").keys() {
                        let is_known = schema["properties"].get(name).is_some();
                        assert!(is_known, "{at}: {name} is not in the schema");
                    }
                }
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check_part(expected, item, &format!("{at}[{index}]"));
                    }
                }
                other => panic!("{at}: this check does not know `{other}`"),
            }
        }
    }
}

#[track_caller]
fn check_pattern(expected: &Value, value: &Value, at: &str) {
    let pattern = Regex::new(expected.as_str().expect("a pattern")).expect("a valid pattern");
    if let Some(text) = value.as_str() {
        assert!(pattern.is_match(text), "{at}: {text} is not like {pattern}");
    }
}

fn is_of_type(value: &Value, expected: &Value) -> bool {
    if let Some(types) = expected.as_array() {
        return types.iter().any(|one| is_of_type(value, one));
    }
    match expected.as_str().expect("a type") {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        other => panic!("this check does not know the type `{other}`"),
    }
}

fn stories() -> Vec<Story> {
    vec![
        fixture::checkout(),
        fixture::undated(),
        fixture::single(),
        fixture::hostile(),
        fixture::deep(5),
        Story::new().done(),
    ]
}

fn entries(story: &Story) -> Vec<Entry> {
    story.trace.entries.iter().map(|placed| placed.entry.clone()).collect()
}

fn written(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).expect("a Vec takes all bytes");
    String::from_utf8(out).expect("JSON is text")
}

#[track_caller]
fn parsed(text: &str) -> Value {
    assert!(!text.trim_end().contains(crate::render::escape::is_unsafe), "{text}");
    serde_json::from_str(text).expect("an answer is JSON")
}

#[test]
fn a_trace_fulfils_its_schema() {
    let schema = Schema::parse(TRACE);
    for story in stories() {
        let text = written(|out| {
            wire::trace::trace(
                out,
                &story.trace,
                &analyse(&story.trace),
                &story.rows,
                &PathView::default(),
            )
        });
        assert!(text.starts_with(r#"{"schema":"logloom.trace/1","trace_id":"#));
        schema.check(&parsed(&text));
    }
}

#[test]
fn a_diagnosis_fulfils_its_schema() {
    let schema = Schema::parse(DIAGNOSIS);
    for story in stories() {
        let analysis = analyse(&story.trace);
        let text = written(|out| {
            wire::diagnosis::diagnosis(out, &story.trace, &analysis, &PathView::default())
        });
        assert!(text.starts_with(r#"{"schema":"logloom.diagnosis/1","trace_id":"#));
        schema.check(&parsed(&text));
    }
}

#[test]
fn exported_spans_fulfil_their_schema() {
    let schema = Schema::parse(SPANS);
    for story in stories() {
        let text =
            written(|out| wire::spans::spans(out, &story.trace, &story.rows, &PathView::default()));
        assert_eq!(text.lines().count(), story.trace.spans.len());
        text.lines().for_each(|line| schema.check(&parsed(line)));
    }
}

#[test]
fn lines_fulfil_their_schema() {
    let schema = Schema::parse(LINES);
    for story in stories() {
        let entries = entries(&story);
        let text =
            written(|out| wire::lines::json(out, &entries, (99, true), &PathView::default()));
        assert!(text.starts_with(r#"{"schema":"logloom.lines/1","total":99"#));
        schema.check(&parsed(&text));
        let text = written(|out| wire::lines::ndjson(out, &entries, &PathView::default()));
        text.lines().for_each(|line| schema.check_definition("line", &parsed(line)));
    }
}

#[test]
fn search_fulfils_its_schema() {
    let schema = Schema::parse(SEARCH);
    let rows: Vec<RequestRow> = stories()
        .iter()
        .map(|story| {
            let place = ("cart.log".to_owned(), 7);
            let reasons = vec![("loaded".to_owned(), Some(place)), ("spans:>1".to_owned(), None)];
            let why = Why { reasons, doubts: vec!["a span logged nothing".to_owned()] };
            RequestRow::of(&story.trace, fixture::entry("cart", "loaded"), why)
        })
        .collect();
    let step = WireStep { condition: "loaded".to_owned(), requests: Some(6) };
    let plan = WirePlan {
        steps: vec![step],
        candidates: 6,
        read: 6,
        assembled: 6,
        yes: 5,
        cannot_tell: 1,
    };
    let total = WireTotal { total: 6, exact: true, partial: Some("deadline"), plan: Some(plan) };
    let text = written(|out| wire::search::json(out, &rows, total, &PathView::default()));
    assert!(text.starts_with(r#"{"schema":"logloom.search/1","total":6"#));
    schema.check(&parsed(&text));
    let text = written(|out| wire::search::ndjson(out, &rows, &PathView::default()));
    text.lines().for_each(|line| schema.check_definition("request", &parsed(line)));
}

#[test]
fn counts_fulfil_their_schema() {
    let schema = Schema::parse(FACETS);
    let mut facets = Facets::default();
    for (value, second) in [("cart", 1), ("cart", 5), ("payment", 2)] {
        let start = Some(Timestamp::from_nanoseconds(second * 1_000_000_000));
        let duration = (second > 1).then_some(second);
        let counted = Counted { start, duration, failed: second == 5 };
        facets.add([value].into_iter(), counted);
    }
    let text = written(|out| wire::facets::json(out, &facets, (Of::Requests, "service"), 9));
    assert!(text.starts_with(r#"{"schema":"logloom.facets/1","of":"requests","field":"service""#));
    schema.check(&parsed(&text));
    let text = written(|out| wire::facets::ndjson(out, &facets, 9));
    assert_eq!(text.lines().count(), 2);
    text.lines().for_each(|line| schema.check_definition("group", &parsed(line)));
}

#[test]
fn the_fields_of_a_span_stand_in_the_order_of_the_documents() {
    let mut story = fixture::checkout();
    story.trace.spans[3].parent.evidence = vec![4];
    let text =
        written(|out| wire::spans::spans(out, &story.trace, &story.rows, &PathView::default()));
    insta::assert_snapshot!(text.lines().nth(3).expect("the fixture has spans"));
}

#[test]
fn a_line_is_written_with_all_its_members() {
    let story = fixture::checkout();
    let entries = entries(&story);
    let text = written(|out| wire::lines::ndjson(out, &entries[2..3], &PathView::default()));
    insta::assert_snapshot!(text.trim_end());
}

#[test]
fn the_times_of_a_trace_are_by_corrected_clocks() {
    let mut story = fixture::single();
    story.trace.spans[0].clock_offset = 2_000_000_000;
    let text = written(|out| {
        wire::trace::trace(
            out,
            &story.trace,
            &analyse(&story.trace),
            &story.rows,
            &PathView::default(),
        )
    });
    let answer = parsed(&text);
    let stated = Timestamp::from_nanoseconds(fixture::at(0).nanoseconds());
    assert_eq!(answer["entries"][0]["time"], stated.plus(2_000_000_000).to_string());
    assert_eq!(answer["entries"][0]["time_raw"], stated.to_string());
}

#[test]
fn what_is_told_of_a_store_fulfils_its_schemas() {
    let checkpoint: Checkpoint = serde_json::from_value(serde_json::json!({
        "path": "app.log", "read": 10, "resume": { "line": 2, "offset": 10 },
        "fingerprint": { "head": 0, "tail": 0 }, "size": 10, "modified": null,
        "tally": {
            "lines": 1, "records": 1, "with_time": 0, "with_trace": 0, "with_span": 0,
            "plain": 1, "cut_bytes": 0, "record_bytes": 10, "plain_bytes": 10
        },
        "settled": {
            "lines": 0, "records": 0, "with_time": 0, "with_trace": 0, "with_span": 0,
            "plain": 0, "cut_bytes": 0
        },
        "skipped": []
    }))
    .expect("a checkpoint");
    let ledger = Ledger::of(&checkpoint);
    let row = SourceRow { share: SourceShare { checkpoint, lines: 1, block_bytes: 7 }, ledger };
    let part = Part { name: "lines".to_owned(), files: 1, bytes: 7 };
    let held = Statistics { parts: vec![part], ..Statistics::default() };
    let text = written(|out| {
        wire::store::statistics(out, &held, std::slice::from_ref(&row), &PathView::default())
    });
    let answer = parsed(&text);
    Schema::parse(STATISTICS).check(&answer);
    assert_eq!(answer["sources"][0]["adds_up"], true);
    let mut found = Verification::default();
    let damage = |offset| Damage { path: "a".into(), offset, reason: "torn".to_owned() };
    found.damaged(damage(None));
    found.damaged(damage(Some(7)));
    let text = written(|out| wire::store::verification(out, &found, &PathView::default()));
    Schema::parse(VERIFICATION).check(&parsed(&text));
}

#[test]
fn a_map_fulfils_its_schema() {
    let mut builder = Builder::default();
    for story in stories() {
        builder.add(&map::Observed::of(story.trace.clone()));
    }
    let mut out = Vec::new();
    wire::map::json(&mut out, &builder.finish()).expect("a Vec takes all bytes");
    let answer = serde_json::from_slice(&out).expect("valid JSON");
    Schema::parse(MAP).check(&answer);
}

#[test]
fn every_definition_of_a_format_fulfils_the_schema_for_editors() {
    let schema = Schema::parse(include_str!("../../../docs/schema/parser.schema.json"));
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("parsers");
    let mut checked = 0;
    for file in std::fs::read_dir(directory).expect("the definitions are there") {
        let path = file.expect("the directory is readable").path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = std::fs::read_to_string(&path).expect("definitions are text");
            let table: toml::Table = text.parse().expect("definitions are TOML");
            schema.check(&serde_json::to_value(table).expect("TOML without dates is JSON"));
            checked += 1;
        }
    }
    assert!(checked > 50);
}

#[test]
fn a_comparison_of_groups_fulfils_its_schema() {
    let mut groups = Groups::default();
    for _ in 0..20 {
        groups.add_good(Observed::of(&fixture::single().trace));
        groups.add_bad(Observed::of(&fixture::checkout().trace));
        groups.add_good(Observed::of(&fixture::undated().trace));
    }
    let mut comparison = compare(groups, Blocks::default());
    let finding = Finding {
        name: "value",
        level: Level::Note,
        service: Some("cart".to_owned()),
        sentence: "items > 50 in cart".to_owned(),
        measures: vec![Measure::count("effect", 1.5)],
        spans: Vec::new(),
        evidence: vec![Evidence::of(&fixture::checkout().trace.entries[0].entry)],
        confidence: 0.9,
        confirm: "more of them".to_owned(),
        refute: "fewer of them".to_owned(),
        innocent: Vec::new(),
        symptom_of: None,
    };
    comparison.values.push(Told { finding, shown_by: Vec::new() });
    let mut out = Vec::new();
    wire::groups::json(&mut out, &comparison, &PathView::default()).expect("a Vec takes all bytes");
    let answer = serde_json::from_slice(&out).expect("valid JSON");
    Schema::parse(GROUPS).check(&answer);
}

#[test]
fn two_requests_side_by_side_fulfil_their_schema() {
    for story in stories() {
        let checkout = fixture::checkout();
        let traces = [&story.trace, &checkout.trace];
        let rows = pair::compare(traces[0], traces[1]);
        let mut out = Vec::new();
        wire::pair::json(&mut out, traces, &rows, &PathView::default())
            .expect("a Vec takes all bytes");
        let answer = serde_json::from_slice(&out).expect("valid JSON");
        Schema::parse(PAIR).check(&answer);
    }
}
