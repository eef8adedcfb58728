//! Each form of condition against one entry, and the whole against a plain reference.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::model::entry::{Context, Key};
use crate::model::field::Field;
use crate::model::id::TraceId;
use crate::model::line::Position;
use crate::model::record::Record;
use crate::model::severity::Severity;
use crate::query::parse::parse;
use crate::query::question::Question;
use crate::query::words::words;

fn entry(message: &str, fields: Vec<Field>) -> Entry {
    Entry {
        path: Arc::from("logs/payment.log"),
        record: Record {
            position: Position::START,
            lines: 1,
            raw: message.as_bytes().to_vec(),
            time: None,
            severity: Severity::new(18),
            service: None,
            instance: None,
            host: None,
            logger: Some("shop.Charge".to_owned()),
            thread: Some("http-1".to_owned()),
            message: message.to_owned(),
            fields,
            format: Arc::from("plain"),
        },
        context: Context {
            trace_id: TraceId::from_hex("194cbe70f2a85d13"),
            span_id: None,
            parent_span_id: None,
            attribution: None,
            service: "payment".to_owned(),
            instance: Some("payment-0".to_owned()),
            host: None,
            keys: vec![Key { name: "order_id".to_owned(), value: "ORD-5521".to_owned() }],
            operation: None,
        },
    }
}

fn sample() -> Entry {
    let number = |name: &str, digits: &str| Field {
        name: name.to_owned(),
        value: Value::Number(digits.to_owned()),
    };
    let tags = Value::List(vec![Value::Text("red".to_owned()), Value::Boolean(true)]);
    let fields = vec![
        Field::text("http.route", "/orders/{id}"),
        number("http.status_code", "503"),
        number("big", "9007199254740993"),
        Field { name: "tags".to_owned(), value: tags },
    ];
    entry("Charge failed for ORD-5521: card card declined", fields)
}

#[track_caller]
fn check(question: &str, expected: bool) {
    let query = parse(question).expect("a query");
    let condition = query.of_a_line().expect("a query of lines");
    assert_eq!(fulfils(&sample(), &condition), expected, "query: {question}");
}

#[test]
fn words_are_found_in_one_text_one_after_the_other() {
    check("declined", true);
    check("\"card declined\"", true);
    check("ORD-5521", true);
    check("\"failed card\"", false);
    check("charge red", true);
    check("shop http payment", true);
    check("\"declined orders\"", false);
}

#[test]
fn conditions_are_joined_denied_and_put_in_braces() {
    check("declined OR refused", true);
    check("declined refused", false);
    check("declined -refused", true);
    check("NOT (declined OR refused)", false);
    check("(refused OR level:error) charge", true);
    check("{ declined OR refused } !{ refused }", true);
    check("!{ declined }", false);
    check("* -*", false);
}

#[test]
fn regular_expressions_find_texts_as_they_are_spelled() {
    check("/card.+declined/", true);
    check("/CARD.+declined/", false);
    check("/(?i)CARD/", true);
    check("/^charge/", false);
    check("/^Charge.*declined$/", true);
    check("/^red$/", true);
}

#[test]
fn lengths_of_time_are_compared_with_lengths_of_time() {
    let took = entry("m", vec![Field::text("took", "2500ms"), Field::text("plain", "2500")]);
    for (question, expected) in [
        ("took:>2s", true),
        ("took:>=2.5s", true),
        ("took:<2s", false),
        ("took:>2", false),
        ("plain:>2s", false),
        ("plain:>2", true),
    ] {
        let condition = parse(question).expect("a query").of_a_line().expect("of lines");
        assert_eq!(fulfils(&took, &condition), expected, "query: {question}");
    }
}

#[test]
fn prefixes_are_beginnings_of_words() {
    check("declin*", true);
    check("eclin*", false);
}

#[test]
fn a_value_is_the_whole_of_a_field_key_or_message() {
    check("*:ord-5521", true);
    check("*:RED", true);
    check("*:503", true);
    check("*:ORD", false);
    check("*:\"charge failed for ord-5521: card card declined\"", true);
}

#[test]
fn fields_are_found_by_name_and_by_their_last_parts() {
    check("http.status_code:503", true);
    check("status_code:503", true);
    check("statusCode:>=500", true);
    check("status_code:<500", false);
    check("route:/orders*", true);
    check("route:\"/orders/\"*", true);
    check("order_id:ORD-5521", true);
    check("order:ord-55*", true);
    check("tags:true", true);
    check("colour:*", false);
}

#[test]
fn numbers_of_64_bits_are_compared_exactly() {
    check("big:>9007199254740992", true);
    check("big:>9007199254740993", false);
}

#[test]
fn levels_are_compared_by_rank() {
    check("level:error", true);
    check("level:>=warn", true);
    check("level:>error", false);
    check("level:<=error", true);
    check("severity:err*", true);
    check("level:fatal", false);
}

#[test]
fn what_every_entry_has_is_asked_by_name() {
    check("service:PAYMENT instance:payment-0 logger:shop.charge thread:http*", true);
    check("path:logs/payment.log format:plain message:charge*", true);
    check("host:*", false);
    check("trace_id:194cbe70f2a85d13", true);
    check("trace_id:0000000000000000194CBE70F2A85D13", true);
    check("trace_id:194c", false);
    check("span_id:*", false);
}

fn reference(text: &str, wanted: &[String]) -> bool {
    let all: Vec<_> = words(text).collect();
    all.windows(wanted.len()).any(|window| window.iter().zip(wanted).all(|(one, two)| one == two))
}

proptest! {
    #[test]
    fn consecutive_words_agree_with_the_plain_reference(
        message in "([ab][ -]){0,16}",
        wanted in prop::collection::vec("[ab]", 1..5),
    ) {
        let entry = entry(&message, Vec::new());
        let expected = reference(&message, &wanted);
        prop_assert_eq!(fulfils(&entry, &Condition::Words(wanted)), expected);
    }

    #[test]
    fn any_question_can_be_asked_of_any_entry(
        question in "[a-c*:<>=0-9\" .-]{0,16}|\\PC{0,20}",
        message in "\\PC{0,30}",
        value in "\\PC{0,12}",
    ) {
        let entry = entry(&message, vec![Field::text("a.b", value)]);
        if let Ok(Ok(condition)) = parse(&question).map(Question::of_a_line) {
            let _ = fulfils(&entry, &condition);
        }
    }

    #[test]
    fn every_value_of_an_entry_is_found_by_it(value in "\\PC{0,20}") {
        let entry = entry("m", vec![Field::text("note", value.clone())]);
        let condition = Condition::Field {
            name: "note".to_owned(),
            test: Test::Equals(value.clone()),
        };
        prop_assert!(fulfils(&entry, &condition));
        prop_assert!(fulfils(&entry, &Condition::Value(value)));
    }
}
