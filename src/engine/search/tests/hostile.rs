//! Questions that nobody asks in good faith: each is answered or refused.

use super::*;

/// Three hundred of them: deep and wide, long and torn.
fn questions() -> Vec<String> {
    let mut questions = Vec::new();
    for size in [1, 8, 63, 64, 65, 200, 1_000, 1_024, 1_025, 9_000] {
        let texts = [
            "(".repeat(size) + "card" + &")".repeat(size),
            "(".repeat(size),
            "-".repeat(size) + "card",
            "NOT ".repeat(size) + "card",
            vec!["card"; size].join(" OR "),
            vec!["{card}"; size].join(" -> "),
            vec!["{*}"; size].join(" >> "),
            vec!["{*}"; size].join(" ->1ns "),
            vec!["!{card}"; size].join(" "),
            "c* ".repeat(size),
            "* OR ".repeat(size) + "*",
            "level:>=info ".repeat(size),
            "/(a*)*b/ ".repeat(size),
            format!("/{}/", "(a|b|c)*".repeat(size)),
            format!("/{}/", "(".repeat(size)),
            format!("/(x{{{size}}}){{{size}}}/"),
            format!("/{}/", "|card".repeat(size)),
            format!("a:>{}", "9".repeat(size)),
            format!("a:<1e{}", "9".repeat(size)),
            format!("spans:>{}", "9".repeat(size)),
            format!("duration:>{}h", "9".repeat(size)),
            format!("{{card}} ->{}s {{card}}", "9".repeat(size)),
            format!("\"{}", "card ".repeat(size)),
            format!("\"{}\"", "card ".repeat(size)),
            "a.".repeat(size) + "b:1",
            "{".repeat(size),
            "\u{202e}\u{0}é".repeat(size),
            "\"\\".repeat(size),
            format!("service:{}*", "p".repeat(size)),
            format!("({})", "-(card OR -{card level:error}) ".repeat(size.min(200))),
        ];
        questions.extend(texts);
    }
    questions.push("a".repeat(64 * 1024));
    questions.push("a ".repeat(32 * 1024));
    questions.push("é".repeat(32 * 1024 + 1));
    questions
}

#[test]
fn hostile_questions_are_answered_or_refused() {
    let (_scratch, reader) = corpus::store(&mut Chance::new(9));
    let source = Source { reader: &reader, knowledge: &Recalled::default() };
    let questions = questions();
    assert!(questions.len() >= 300);
    let (mut answered, mut refused) = (0, 0);
    for text in questions {
        let Ok(question) = parse(&text) else {
            refused += 1;
            continue;
        };
        let wanted = Search {
            question: &question,
            window: Window::default(),
            order: Order::Best,
            limit: 5,
            is_over: &|| false,
        };
        let answer = search(&source, &wanted).expect("an answer");
        assert!(answer.matches.len() <= 5);
        answered += 1;
    }
    assert!(answered >= 100 && refused >= 60, "{answered} answered, {refused} refused");
}
