//! What the program says of the sample incident: whole answers to be read like code when
//! they change, and the facts that must hold whatever their look.
//!
//! `scripts/bless` rewrites the answers.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use logloom::engine::answer::{Candidates, Source, candidates};
use logloom::store::Window;
use logloom::store::embedded::StoreReader;
use logloom::trace::knowledge::Knowledge;
use serde_json::Value;

use crate::program::{INCIDENT, ORDER, Program};

/// Compares an answer with the file of this name in `tests/snapshots`.
#[track_caller]
fn golden(name: &str, columns: usize, arguments: &[&str]) {
    let answer = Program::new(columns).answer(arguments);
    compare(name, &answer);
}

#[track_caller]
fn compare(name: &str, answer: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, answer));
}

/// The request of the order as JSON.
fn trace(logs: &str) -> Value {
    let answer = Program::new(80).answer(&["trace", ORDER, logs, "--format", "json"]);
    serde_json::from_str(&answer).expect("the answer is JSON")
}

/// The entries of a request.
fn entries(trace: &Value) -> &[Value] {
    trace["entries"].as_array().expect("a request has entries")
}

/// The member of this name of every entry.
fn texts<'a>(trace: &'a Value, pointer: &str) -> BTreeSet<&'a str> {
    entries(trace).iter().filter_map(|entry| entry.pointer(pointer)?.as_str()).collect()
}

#[test]
fn the_story_of_the_order_in_80_columns() {
    golden("story-80", 80, &["trace", ORDER, INCIDENT]);
}

#[test]
fn the_story_of_the_order_in_120_columns() {
    golden("story-120", 120, &["trace", ORDER, INCIDENT]);
}

#[test]
fn the_story_of_the_order_in_full() {
    golden("story-full", 120, &["trace", ORDER, INCIDENT, "--full"]);
}

#[test]
fn the_story_of_the_order_that_went_well() {
    golden("story-healthy", 120, &["trace", "ORD-20409", INCIDENT]);
}

#[test]
fn the_diagnosis_of_the_order() {
    golden("diagnosis", 100, &["diagnose", ORDER, INCIDENT]);
}

#[test]
fn the_diagnosis_of_the_order_that_went_well() {
    golden("diagnosis-healthy", 100, &["diagnose", "ORD-20409", INCIDENT]);
}

#[test]
fn the_diagnosis_as_a_report() {
    golden("diagnosis-markdown", 100, &["diagnose", ORDER, INCIDENT, "--format", "markdown"]);
}

#[test]
fn the_diagnosis_as_json() {
    let answer = Program::new(80).answer(&["diagnose", ORDER, INCIDENT, "--format", "json"]);
    let value: Value = serde_json::from_str(&answer).expect("the answer is JSON");
    compare("diagnosis-json", &serde_json::to_string_pretty(&value).expect("a value is JSON"));
}

#[test]
fn the_order_as_json() {
    let pretty = serde_json::to_string_pretty(&trace(INCIDENT)).expect("a value is JSON");
    compare("trace-json", &pretty);
}

#[test]
fn the_order_as_csv() {
    golden("trace-csv", 80, &["trace", ORDER, INCIDENT, "--format", "csv"]);
}

#[test]
fn the_spans_of_all_requests() {
    golden("export-spans", 80, &["export", INCIDENT, "--format", "spans"]);
}

#[test]
fn the_map_in_80_columns() {
    golden("map-80", 80, &["map", INCIDENT]);
}

#[test]
fn the_map_in_120_columns() {
    golden("map-120", 120, &["map", INCIDENT]);
}

#[test]
fn the_map_of_requests_that_failed_as_a_table() {
    golden("map-table", 120, &["map", "level:error", INCIDENT, "--format", "table"]);
}

#[test]
fn the_map_as_json() {
    let answer = Program::new(80).answer(&["map", "level:error", INCIDENT, "--format", "json"]);
    let map: Value = serde_json::from_str(&answer).expect("the answer is JSON");
    compare("map-json", &serde_json::to_string_pretty(&map).expect("a value is JSON"));
}

#[test]
fn the_map_as_csv() {
    golden("map-csv", 80, &["map", INCIDENT, "--format", "csv"]);
}

#[test]
fn the_map_for_graphviz() {
    golden("map-dot", 80, &["map", INCIDENT, "--format", "dot"]);
}

#[test]
fn the_map_for_markdown() {
    golden("map-mermaid", 80, &["map", INCIDENT, "--format", "mermaid"]);
}

#[test]
fn two_requests_side_by_side() {
    golden("compare-pair", 120, &["compare", ORDER, "ORD-20409", INCIDENT]);
}

#[test]
fn two_requests_side_by_side_as_json() {
    let asked = ["compare", ORDER, "ORD-20409", INCIDENT, "--format", "json"];
    let pair: Value =
        serde_json::from_str(&Program::new(80).answer(&asked)).expect("the answer is JSON");
    compare("compare-pair-json", &serde_json::to_string_pretty(&pair).expect("a value is JSON"));
}

#[test]
fn two_groups_that_are_too_small_to_differ() {
    let asked = ["compare", "--bad", "level:error", "--good", "-level:error", INCIDENT];
    golden("compare-groups", 100, &asked);
}

#[test]
fn a_search_for_errors() {
    golden("search-errors", 100, &["search", "level:>=error", INCIDENT]);
}

#[test]
fn a_search_for_a_thing_that_several_requests_name() {
    golden("search-sku", 100, &["search", "sku:KTL-2207", INCIDENT]);
}

#[test]
fn a_search_as_json() {
    golden("search-json", 80, &["search", "sku:KTL-2207", INCIDENT, "--format", "json"]);
}

#[test]
fn single_lines() {
    golden("lines", 120, &["lines", "acquirer attempt", INCIDENT]);
}

#[test]
fn single_lines_as_ndjson() {
    golden("lines-ndjson", 80, &["lines", "order_id:ORD-20417", INCIDENT, "--format", "ndjson"]);
}

#[test]
fn the_order_names_exactly_one_request() {
    let answer = Program::new(80).answer(&["search", ORDER, INCIDENT, "--format", "json"]);
    let found: Value = serde_json::from_str(&answer).expect("the answer is JSON");
    assert_eq!(found["total"], 1);
    assert_eq!(found["requests"].as_array().map(Vec::len), Some(1));
    assert_eq!(found["requests"][0]["trace_id"], trace(INCIDENT)["trace_id"]);
}

#[test]
fn lines_that_never_mention_the_order_are_in_the_answer() {
    let trace = trace(INCIDENT);
    let silent: BTreeSet<&str> = entries(&trace)
        .iter()
        .filter(|entry| !entry.to_string().contains(ORDER))
        .filter_map(|entry| entry["service"].as_str())
        .collect();
    for service in ["gateway", "cart", "pricing", "inventory", "postgresql", "notification"] {
        assert!(silent.contains(service), "{service} is not among {silent:?}");
    }
    let naming = entries(&trace).iter().filter(|entry| entry.to_string().contains(ORDER)).count();
    assert_eq!(naming, 4, "the files give up four lines for the order");
    assert!(entries(&trace).len() > 60, "the request has {} lines", entries(&trace).len());
}

#[test]
fn the_compressed_file_is_read_like_the_others() {
    let trace = trace(INCIDENT);
    let messages: Vec<&str> = entries(&trace)
        .iter()
        .filter(|entry| entry["source"]["path"] == "samples/checkout-incident/payment.log.1.gz")
        .filter_map(|entry| entry["message"].as_str())
        .collect();
    assert!(messages.contains(&"charging card"), "{messages:?}");
    assert!(messages.contains(&"acquirer attempt 1 of 3"), "{messages:?}");
}

#[test]
fn the_request_is_one_tree_whose_parents_come_first() {
    let trace = trace(INCIDENT);
    let spans = trace["spans"].as_array().expect("a request has spans");
    let mut seen = BTreeSet::new();
    for span in spans {
        let parent = span["parent_span_id"].as_str();
        let stands = parent.map_or(seen.is_empty(), |parent| seen.contains(parent));
        assert!(stands, "{span} does not stand below its parent");
        seen.insert(span["span_id"].as_str().expect("a span has an id"));
    }
    let known = texts(&trace, "/span_id").into_iter().all(|span| seen.contains(span));
    assert!(known, "an entry is in no span");
}

/// An archive of the incident, packed here, so that it is the same files whatever they become.
fn archive(path: &Path) {
    let file = File::create(path).expect("the scratch directory takes a file");
    let mut archive = tar::Builder::new(GzEncoder::new(file, Compression::fast()));
    let incident = Path::new(env!("CARGO_MANIFEST_DIR")).join(INCIDENT);
    archive.append_dir_all("checkout-incident", incident).expect("the incident is readable");
    let encoder = archive.into_inner().expect("the archive can be ended");
    encoder.finish().expect("the archive can be written");
}

#[test]
fn an_archive_gives_the_same_answer_as_its_directory() {
    let scratch = tempfile::tempdir().expect("there is room for a directory");
    let packed = scratch.path().join("incident.tar.gz");
    archive(&packed);
    let packed = packed.to_str().expect("the path is text");
    let from_archive = trace(packed).to_string();
    let from_directory = trace(INCIDENT).to_string();
    let inside = format!("{packed}!/checkout-incident/");
    assert!(from_archive.contains(&inside), "paths show where in the archive a line stands");
    assert_eq!(from_archive.replace(&inside, &format!("{INCIDENT}/")), from_directory);
}

#[test]
fn the_request_is_read_from_many_formats() {
    let program = Program::new(80);
    let store = program.scratch().join("store");
    program.answer(&["index", INCIDENT, "--store", store.to_str().expect("the path is text")]);
    let reader = StoreReader::open(&store).expect("the store was just written");
    let knowledge = Knowledge::default();
    let knowledge = knowledge.into();
    let source = Source { reader: &reader, knowledge: &knowledge };
    let Candidates { requests, .. } =
        candidates(&source, ORDER, Window::default()).expect("the store is whole");
    let placed = &requests.first().expect("the order is known").trace.entries;
    let formats: BTreeSet<&str> =
        placed.iter().map(|placed| placed.entry.record.format.as_ref()).collect();
    assert!(formats.len() >= 6, "only {formats:?}");
    assert!(!formats.contains("plain"), "{formats:?}");
}

#[test]
fn the_incident_is_understood_from_end_to_end() {
    let trace = trace(INCIDENT);
    assert_eq!(trace["root_service"], "gateway");
    assert_eq!(trace["root_operation"], "POST /checkout");
    let services: Vec<&str> = texts(&trace, "/service").into_iter().collect();
    let expected = [
        "cart",
        "checkout",
        "gateway",
        "inventory",
        "notification",
        "payment",
        "postgresql",
        "pricing",
    ];
    assert_eq!(services, expected);
    let named = |name: &str| {
        let spans = trace["spans"].as_array().into_iter().flatten();
        spans.filter(|span| span["name"] == name).count()
    };
    for attempt in 1..=3 {
        assert_eq!(named(&format!("acquirer attempt {attempt} of 3")), 1);
    }
    assert_eq!(named("GET /carts/{id}"), 2, "the call and the work, each with its name");
}
