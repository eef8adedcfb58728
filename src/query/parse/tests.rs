//! What each form means, what each mistake says, and that printing loses nothing.

use proptest::prelude::*;

use super::*;
use crate::query::boolean::{all_of, any_of};
use crate::query::condition::{Comparison, Test};
use crate::query::length::Length;
use crate::query::question::{CountTest, Quantity, Whole};
use crate::query::regular::RegularExpression;

#[track_caller]
fn check(text: &str, expected: &[Condition]) {
    let expected = expected.iter().cloned().map(Question::Line).collect();
    check_question(text, &all_of(expected));
}

#[track_caller]
fn check_question(text: &str, expected: &Question) {
    let question = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(&question, expected, "query: {text}");
    assert_eq!(parse(&question.to_string()), Ok(question.clone()), "printed: {question}");
}

/// What a query is printed as.
#[track_caller]
fn check_printed(text: &str, expected: &str) {
    let question = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(question.to_string(), expected);
    assert_eq!(parse(expected), Ok(question));
}

#[track_caller]
fn check_hint(text: &str, expected: &str) {
    let error = parse(text).expect_err("a mistake");
    let hint = error.hint.unwrap_or_default();
    assert!(hint.contains(expected), "{text}: {hint}");
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
fn not_binds_tighter_than_and_and_and_tighter_than_or() {
    let line = |word: &str| Question::Line(words_of(&[word]));
    let both = all_of(vec![line("b").negated(), line("c")]);
    check_question("a OR NOT b c", &any_of(vec![line("a"), both]));
    check_printed("a OR NOT b c", "a OR NOT b c");
    check_printed("(a OR -b) AND (c)", "(a OR NOT b) c");
    check_printed("-(a b)", "NOT (a b)");
    check_printed("NOT (a OR b) OR (c OR d)", "NOT (a OR b) OR c OR d");
    check_printed("a -level:error --b", "a NOT level:error NOT NOT b");
    check_printed("((a)) ((b c))", "a b c");
    check_printed("NOT * OR a", "NOT * OR a");
    check_printed("-{a b}", "NOT { a b }");
}

#[test]
fn texts_with_hyphens_and_arrows_within_are_words() {
    check("card-declined", &[words_of(&["card", "declined"])]);
    check("a->b", &[words_of(&["a", "b"])]);
    check("a>b", &[words_of(&["a", "b"])]);
}

#[test]
fn what_stands_between_slashes_is_a_regular_expression() {
    let regular =
        |text: &str| Condition::Matches(RegularExpression::parse(text).expect("an expression"));
    check("/time.?out/", &[regular("time.?out")]);
    check("/card declined/ x", &[regular("card declined"), words_of(&["x"])]);
    check(r"/a\/b c/", &[regular(r"a\/b c")]);
    check("/(a|b)\"/", &[regular("(a|b)\"")]);
    check_question("(/a/)", &Question::Line(regular("a")));
    check("/api/orders failed/", &[words_of(&["api", "orders"]), words_of(&["failed"])]);
    check("/api/orders", &[words_of(&["api", "orders"])]);
    check_mistake(
        "x /a(b/",
        "4..6: no regular expression: unclosed group, expected a regular expression between slashes",
    );
}

#[test]
fn a_request_is_asked_as_a_whole() {
    let whole = |text: &str, whole| check_question(text, &Question::Whole(whole));
    whole("duration:>2s", Whole::Duration(Comparison::Greater, Length(2_000_000_000)));
    whole("errors:>0", Whole::Count(Quantity::Errors, CountTest::Compare(Comparison::Greater, 0)));
    whole("spans:50", Whole::Count(Quantity::Spans, CountTest::Is(50)));
    whole(
        "services:>=3",
        Whole::Count(Quantity::Services, CountTest::Compare(Comparison::GreaterOrEqual, 3)),
    );
    whole("root.service:gateway", Whole::RootService(Test::Equals("gateway".to_owned())));
    whole(
        "root.operation:\"POST /checkout\"",
        Whole::RootOperation(Test::Equals("POST /checkout".to_owned())),
    );
    let length = "expected a comparison with a length of time and its unit: >2s, <=150ms";
    check_mistake("duration:>2", &format!("10..11: `2` is no length of time, {length}"));
    check_mistake("duration:2s", &format!("9..11: `2s` cannot be compared, {length}"));
    let count = "expected a whole number or a comparison with one: >0";
    check_mistake("errors:many", &format!("7..11: `many` is no number, {count}"));
    check_mistake("spans:*", &format!("6..7: `*` is no number, {count}"));
    check_hint("spans:*", "{ spans:… }");
}

#[test]
fn groups_hold_what_one_line_fulfils() {
    let service = field("service", Test::Equals("payment".to_owned()));
    let level = field("level", Test::Equals("error".to_owned()));
    let first = all_of(vec![service.clone(), level.clone()]);
    let pattern = Pattern { first: first.clone(), rest: Vec::new() };
    check_question("{ service:payment level:error }", &Question::Pattern(pattern));
    check_question("!{service:payment level:error}", &Question::Absent(first));
    let rest = vec![
        (Relation::Parent, level.clone()),
        (Relation::Ancestor, words_of(&["a"])),
        (Relation::Before(None), words_of(&["b"])),
        (Relation::Before(Some(Length(2_000_000_000))), Condition::EVERYTHING),
    ];
    let pattern = Pattern { first: service, rest };
    check_question(
        "{service:payment}>{level:error} >> {a} -> {b}->2s{*}",
        &Question::Pattern(pattern),
    );
    check_printed("{a OR -b c}", "{ a OR NOT b c }");
    // Within braces these are fields of a line.
    check_printed("{ duration:>2s errors:many }", "{ duration:>2s errors:many }");
}

#[test]
fn brackets_and_groups_have_their_places() {
    let condition = "expected a word, a \"phrase\" or field:value";
    check_mistake("(a", "0..1: `(` is not closed, expected a closing `)`");
    check_mistake("a)", &format!("1..2: `)` closes nothing, {condition}"));
    check_mistake("a }", &format!("2..3: `}}` closes nothing, {condition}"));
    check_mistake("{a", "0..1: `{` is not closed, expected a closing `}`");
    check_mistake("({a)}", "1..2: `{` is not closed, expected a closing `}`");
    check_mistake("()", &format!("0..2: nothing stands within `( )`, {condition}"));
    check_mistake("{ }", &format!("0..3: nothing stands within `{{ }}`, {condition}"));
    check_mistake("{ {a} }", &format!("2..3: `{{` cannot stand here, {condition}"));
    check_mistake("{a} >", "5..5: nothing follows `>`, expected a group { … }");
    check_mistake("{a} > b", "6..7: `b` cannot stand here, expected a group { … }");
    check_mistake(
        "{a} ->2x {b}",
        "6..8: `2x` is no length of time, expected a length of time with its unit: ->2s, ->150ms",
    );
    check_mistake("a > b", &format!("2..3: `>` cannot stand here, {condition}"));
    check_mistake("> {b}", &format!("0..0: nothing stands before `>`, {condition}"));
    check_mistake("!{a} > {b}", &format!("5..6: `>` cannot stand here, {condition}"));
    check_hint("a > b", "between groups");
    check_hint("{a} -> 2s {b}", "right behind the arrow");
}

#[test]
fn operators_of_other_languages_are_pointed_at() {
    check_hint("a || b", "write OR");
    check_hint("a && b", "write AND");
    check_hint("!a", "write NOT");
}

#[test]
fn nesting_has_an_end() {
    let deep = |depth: usize| "(".repeat(depth) + "a" + &")".repeat(depth);
    assert!(parse(&deep(DEPTH_MAX)).is_ok());
    let error = parse(&deep(DEPTH_MAX + 1)).expect_err("too deep");
    assert_eq!(error.kind, QueryErrorKind::TooDeep { limit: DEPTH_MAX });
    let error = parse(&("-".repeat(60_000) + "a")).expect_err("too deep");
    assert_eq!(error.kind, QueryErrorKind::TooDeep { limit: DEPTH_MAX });
    let error = parse(&"/a/ ".repeat(EXPRESSIONS_MAX + 1)).expect_err("too many");
    assert_eq!(error.kind, QueryErrorKind::TooManyExpressions { limit: EXPRESSIONS_MAX });
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
    let number = "expected a number, a length of time or a level";
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
fn operators_and_brackets_without_their_conditions_are_pointed_at() {
    let condition = "expected a word, a \"phrase\" or field:value";
    check_mistake("a NOT", &format!("5..5: nothing follows `NOT`, {condition}"));
    check_mistake("(-)", &format!("2..3: nothing follows `-`, {condition}"));
    check_mistake("(a OR)", &format!("5..6: nothing follows `OR`, {condition}"));
    check_mistake("OR a", &format!("0..0: nothing stands before `OR`, {condition}"));
    check_mistake("{AND a}", &format!("1..1: nothing stands before `AND`, {condition}"));
    check_mistake("(", &format!("1..1: nothing follows `(`, {condition}"));
    check_mistake("!{", &format!("2..2: nothing follows `!{{`, {condition}"));
    check_mistake("!a", &format!("0..1: `!` cannot stand here, {condition}"));
    check_mistake("a && b", &format!("2..4: `&&` has no letter or digit to look for, {condition}"));
    check_mistake("{a} ->", "6..6: nothing follows `->`, expected a group { … }");
    check_mistake(":x", "0..0: nothing stands before `:`, expected the name of a field");
}

#[test]
fn values_that_are_missing_or_torn_are_pointed_at() {
    let length = "expected a comparison with a length of time and its unit: >2s, <=150ms";
    let count = "expected a whole number or a comparison with one: >0";
    check_mistake("duration:", &format!("9..9: nothing follows `duration:`, {length}"));
    check_mistake("duration:>", &format!("10..10: nothing follows `duration:>`, {length}"));
    check_mistake("errors:", &format!("7..7: nothing follows `errors:`, {count}"));
    check_mistake("a:\"open", "2..7: the quotation has no end, expected a closing `\"`");
    check_mistake(
        "\"a b\"*",
        "5..6: `*` cannot stand here in `\"a b\"*`, expected the end of the phrase",
    );
    check_mistake(
        "*:x*",
        "0..1: `*` cannot stand here in `*:x*`, expected the name of a field, or a whole value",
    );
}

#[test]
fn limits_name_the_first_place_beyond_them() {
    let spans = |text: &str| {
        let error = parse(text).expect_err("too much");
        (error.span, error.expected)
    };
    let at = 2 * CONDITIONS_MAX;
    assert_eq!(spans(&"a ".repeat(CONDITIONS_MAX + 1)), (at..at + 1, "fewer conditions"));
    let at = 4 * EXPRESSIONS_MAX;
    let many = "/a/ ".repeat(EXPRESSIONS_MAX + 1);
    assert_eq!(spans(&many), (at..at + 3, "fewer regular expressions"));
    let deep = "(".repeat(DEPTH_MAX + 1) + "a";
    assert_eq!(spans(&deep), (DEPTH_MAX..DEPTH_MAX + 1, "fewer parentheses"));
    let long = "é".repeat(QUERY_BYTES_MAX);
    assert_eq!(spans(&long), (QUERY_BYTES_MAX..long.len(), "a shorter query"));
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

fn any_test() -> impl Strategy<Value = Test> {
    prop_oneof![
        "\\PC{0,12}".prop_map(Test::Equals),
        "\\PC{1,12}".prop_map(Test::Prefix),
        Just(Test::Exists),
        (any_comparison(), "[0-9]{1,3}(\\.[0-9]|ms)?")
            .prop_map(|(comparison, value)| Test::Compare(comparison, value)),
    ]
}

fn any_comparison() -> impl Strategy<Value = Comparison> {
    prop_oneof![
        Just(Comparison::Less),
        Just(Comparison::LessOrEqual),
        Just(Comparison::Greater),
        Just(Comparison::GreaterOrEqual),
    ]
}

fn any_atom() -> impl Strategy<Value = Condition> {
    let word = "[a-z0-9_ß]{1,6}";
    let expression = "[a-z .]{0,3}[a-z](\\\\/|[a-z]\\?)?"
        .prop_map(|text| Condition::Matches(RegularExpression::parse(&text).expect("valid")));
    prop_oneof![
        prop::collection::vec(word, 1..4).prop_map(Condition::Words),
        word.prop_map(Condition::Prefix),
        expression,
        "\\PC{0,12}".prop_map(Condition::Value),
        ("q[a-z_.@/-]{0,6}[0-9]?", any_test())
            .prop_map(|(name, test)| Condition::Field { name, test }),
    ]
}

/// Trees of these, in the one form in which they are kept.
fn any_tree<T: Boolean + Clone + std::fmt::Debug + 'static>(
    atom: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = T> {
    atom.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(all_of),
            prop::collection::vec(inner.clone(), 1..4).prop_map(any_of),
            inner.prop_map(Boolean::negated),
        ]
    })
}

fn any_whole() -> impl Strategy<Value = Whole> {
    let quantity =
        prop_oneof![Just(Quantity::Errors), Just(Quantity::Spans), Just(Quantity::Services),];
    let count = prop_oneof![
        any::<u64>().prop_map(CountTest::Is),
        (any_comparison(), any::<u64>())
            .prop_map(|(comparison, count)| CountTest::Compare(comparison, count)),
    ];
    prop_oneof![
        (any_comparison(), any::<u64>())
            .prop_map(|(comparison, length)| Whole::Duration(comparison, Length(length))),
        (quantity, count).prop_map(|(quantity, count)| Whole::Count(quantity, count)),
        any_test().prop_map(Whole::RootService),
        any_test().prop_map(Whole::RootOperation),
    ]
}

fn any_question() -> impl Strategy<Value = Question> {
    let relation = prop_oneof![
        Just(Relation::Parent),
        Just(Relation::Ancestor),
        Just(Relation::Before(None)),
        any::<u64>().prop_map(|bound| Relation::Before(Some(Length(bound)))),
    ];
    let rest = prop::collection::vec((relation, any_tree(any_atom())), 0..3);
    let pattern = (any_tree(any_atom()), rest)
        .prop_map(|(first, rest)| Question::Pattern(Pattern { first, rest }));
    any_tree(prop_oneof![
        4 => any_atom().prop_map(Question::Line),
        1 => any_whole().prop_map(Question::Whole),
        1 => pattern,
        1 => any_tree(any_atom()).prop_map(Question::Absent),
    ])
}

proptest! {
    #[test]
    fn a_printed_query_parses_to_itself(question in any_question()) {
        prop_assert_eq!(parse(&question.to_string()), Ok(question));
    }

    #[test]
    fn any_text_parses_or_names_its_mistake(
        text in "[ \"*:<>(){}/!\\\\a-dANDORT0-9.é-]{0,24}|(\\{a\\}|->|>>|>|!|-|/a/|OR|NOT|\\(|\\)| ){0,12}|\\PC{0,40}",
    ) {
        match parse(&text) {
            Ok(query) => prop_assert_eq!(parse(&query.to_string()), Ok(query)),
            Err(error) => {
                prop_assert!(error.span.start <= error.span.end && error.span.end <= text.len());
                prop_assert!(text.get(error.span).is_some());
            }
        }
    }
}
