//! What each form means, what each mistake says, and that printing loses nothing.

use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(text: &str, expected: &[Condition]) {
    let query = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(query.conditions, expected, "query: {text}");
    assert_eq!(parse(&query.to_string()), Ok(query.clone()), "printed: {query}");
}

#[track_caller]
fn check_mistake(text: &str, expected: &str) {
    let error = parse(text).expect_err("a mistake");
    let shown = format!("{}..{}: {error}", error.span.start, error.span.end);
    assert_eq!(shown, expected, "query: {text}");
}

fn words_of(expected: &[&str]) -> Condition {
    Condition::Words(expected.iter().map(|word| (*word).to_owned()).collect())
}

fn field(name: &str, test: Test) -> Condition {
    Condition::Field { name: name.to_owned(), test }
}

#[test]
fn bare_words_and_phrases_are_looked_for() {
    check("declined", &[words_of(&["declined"])]);
    check("\"card declined\"", &[words_of(&["card", "declined"])]);
    check("ORD-20417", &[words_of(&["ord", "20417"])]);
    check("card AND declined", &[words_of(&["card"]), words_of(&["declined"])]);
    check("card declined", &[words_of(&["card"]), words_of(&["declined"])]);
    check("http://shop/orders/1", &[words_of(&["http", "shop", "orders", "1"])]);
    check("12:30:45", &[words_of(&["12", "30", "45"])]);
}

#[test]
fn an_asterisk_ends_a_prefix_or_means_everything() {
    check("declin*", &[Condition::Prefix("declin".to_owned())]);
    check("*", &[]);
    check("", &[]);
    check("* AND a", &[words_of(&["a"])]);
}

#[test]
fn fields_are_tested() {
    let equals = |value: &str| Test::Equals(value.to_owned());
    check("order_id:ORD-20417", &[field("order_id", equals("ORD-20417"))]);
    check("service:pay*", &[field("service", Test::Prefix("pay".to_owned()))]);
    check("user_id:*", &[field("user_id", Test::Exists)]);
    check("note:\"a \\\"b\\\" \\\\ c*\"", &[field("note", equals("a \"b\" \\ c*"))]);
    check("note:\"two words\"*", &[field("note", Test::Prefix("two words".to_owned()))]);
    check("url:http://shop/x?a=1", &[field("url", equals("http://shop/x?a=1"))]);
    check("http:\"//x\"", &[field("http", equals("//x"))]);
    check("note:\"\"", &[field("note", equals(""))]);
    check("*:ORD-1", &[Condition::Value("ORD-1".to_owned())]);
}

#[test]
fn levels_and_numbers_compare() {
    let compare = |comparison, value: &str| Test::Compare(comparison, value.to_owned());
    check("level:>=warn", &[field("level", compare(Comparison::GreaterOrEqual, "warn"))]);
    check("level:error", &[field("level", Test::Equals("error".to_owned()))]);
    let status = field("http.status_code", compare(Comparison::GreaterOrEqual, "500"));
    check("http.status_code:>=500", &[status]);
    check("price:<9.50", &[field("price", compare(Comparison::Less, "9.50"))]);
}

#[test]
fn what_comes_later_is_refused_by_name() {
    let expected = "expected a word, a \"phrase\" or field:value";
    check_mistake("a OR b", &format!("2..4: not supported yet: `OR`, {expected}"));
    check_mistake("NOT a", &format!("0..3: not supported yet: `NOT`, {expected}"));
    check_mistake("a -b", &format!("2..3: not supported yet: `-`, {expected}"));
    check_mistake("(a)", &format!("0..1: not supported yet: `(`, {expected}"));
    check_mistake("{ a }", &format!("0..1: not supported yet: `{{`, {expected}"));
    check_mistake("/time.?out/", &format!("0..11: not supported yet: `/…/`, {expected}"));
    check_mistake("a -> b", &format!("2..4: not supported yet: `->`, {expected}"));
    check_mistake("spans:>50", &format!("0..6: not supported yet: `spans:`, {expected}"));
    check_mistake("duration:>2s", &format!("0..10: not supported yet: `duration:>`, {expected}"));
    let error = parse("a OR b").expect_err("a mistake");
    assert_eq!(error.hint.as_deref(), Some("quote it to look for the text itself: \"OR\""));
}

#[test]
fn a_mistake_names_its_place_and_what_was_expected() {
    let condition = "expected a word, a \"phrase\" or field:value";
    check_mistake("a AND", &format!("5..5: nothing follows `AND`, {condition}"));
    check_mistake("AND a", &format!("0..0: nothing stands before `AND`, {condition}"));
    check_mistake("a AND AND b", &format!("6..6: nothing stands before `AND`, {condition}"));
    check_mistake("\"open", "0..5: the quotation has no end, expected a closing `\"`");
    check_mistake("== a", &format!("0..2: `==` has no letter or digit to look for, {condition}"));
    let value = "expected a value, a prefix*, * or a comparison";
    check_mistake("user: x", &format!("5..5: nothing follows `user:`, {value}"));
    let number = "expected a number or a level";
    check_mistake("size:>big", &format!("6..9: `big` cannot be compared, {number}"));
    check_mistake("size:>", &format!("6..6: nothing follows `size:>`, {number}"));
    check_mistake(
        "ord-55*",
        "6..7: `*` cannot stand here in `ord-55*`, expected `*` at the end of a single word",
    );
    check_mistake(
        "a:x*y",
        "3..4: `*` cannot stand here in `x*y`, expected `*` at the end of the value only",
    );
}

#[test]
fn a_level_that_is_none_gets_the_nearest_as_a_hint() {
    let error = parse("level:>=wran").expect_err("a mistake");
    assert_eq!(error.kind, QueryErrorKind::NoLevel("wran".to_owned()));
    assert_eq!(error.hint.as_deref(), Some("did you mean `warn`?"));
}

#[test]
fn long_queries_are_refused() {
    let long = "a".repeat(QUERY_BYTES_MAX + 1);
    assert!(matches!(parse(&long).expect_err("long").kind, QueryErrorKind::TooLong { .. }));
    let many = "a ".repeat(CONDITIONS_MAX + 1);
    let error = parse(&many).expect_err("many");
    assert_eq!(error.kind, QueryErrorKind::TooManyConditions { limit: CONDITIONS_MAX });
}

fn any_condition() -> impl Strategy<Value = Condition> {
    let word = "[a-z0-9_ß]{1,6}";
    let comparison = prop_oneof![
        Just(Comparison::Less),
        Just(Comparison::LessOrEqual),
        Just(Comparison::Greater),
        Just(Comparison::GreaterOrEqual),
    ];
    let test = prop_oneof![
        "\\PC{0,12}".prop_map(Test::Equals),
        "\\PC{1,12}".prop_map(Test::Prefix),
        Just(Test::Exists),
        (comparison, "[0-9]{1,3}(\\.[0-9])?")
            .prop_map(|(comparison, value)| Test::Compare(comparison, value)),
    ];
    prop_oneof![
        prop::collection::vec(word, 1..4).prop_map(Condition::Words),
        word.prop_map(Condition::Prefix),
        "\\PC{0,12}".prop_map(Condition::Value),
        ("q[a-z_.@/-]{0,6}[0-9]?", test).prop_map(|(name, test)| Condition::Field { name, test }),
    ]
}

proptest! {
    #[test]
    fn a_printed_query_parses_to_itself(conditions in prop::collection::vec(any_condition(), 0..5)) {
        let query = Query { conditions };
        prop_assert_eq!(parse(&query.to_string()), Ok(query));
    }

    #[test]
    fn any_text_parses_or_names_its_mistake(text in "[ \"*:<>(){}/\\\\a-dAND0-9.é-]{0,24}|\\PC{0,40}") {
        match parse(&text) {
            Ok(query) => prop_assert_eq!(parse(&query.to_string()), Ok(query)),
            Err(error) => {
                prop_assert!(error.span.start <= error.span.end && error.span.end <= text.len());
                prop_assert!(text.get(error.span).is_some());
            }
        }
    }
}
