//! What is said of a difference between groups: one sentence with its numbers.

use crate::analysis::group::blame::Departure;
use crate::analysis::group::collected::{Groups, Step};
use crate::analysis::group::flow::Turn;
use crate::analysis::group::pace::{Pace, Spender};
use crate::analysis::group::statistics::p_value;
use crate::analysis::group::suspects::Effect;
use crate::analysis::group::values::{Separator, Test};
use crate::model::finding::{Finding, Level, Measure};

/// A statement longer than this is cut.
const STATEMENT_CHARACTERS_MAX: usize = 60;

/// A step that came, or no longer comes.
pub(super) fn flow(
    groups: &Groups,
    departure: &Departure,
    step: Step,
    turn: &Turn,
    effect: Effect,
    service: &str,
) -> Finding {
    let place = &groups.places[departure.context.place as usize];
    let shares = shares(turn.bad, turn.good);
    let behind = match departure.context.last {
        Step::Start => format!("at the beginning of {} {}", place.service, place.operation),
        last => format!("behind {}", named(groups, last)),
    };
    let now = named(groups, departure.next);
    let (name, sentence) = if turn.effect > 0.0 {
        ("new_step", format!("{} came {behind} in {shares}", named(groups, step)))
    } else if matches!(step, Step::Call(_)) {
        let sentence = format!("{} is missing {behind}: in {shares}", named(groups, step));
        ("missing_call", format!("{sentence}; {now} came instead"))
    } else {
        let sentence = format!("{} is missing {behind}: in {shares}", named(groups, step));
        ("missing_step", format!("{sentence}; {now} came instead"))
    };
    let is_failure = match departure.next {
        Step::Line(statement) => groups.statements[statement as usize].is_error(),
        Step::End(failed) => failed,
        Step::Start | Step::Call(_) => false,
    };
    Finding {
        name,
        level: if is_failure { Level::Error } else { Level::Warning },
        confirm: format!("{service} shows the same in its own metrics or in a request by hand"),
        refute: "the reference holds other kinds of requests than the window".to_owned(),
        ..said(service, sentence, effect, counts(turn.bad, turn.good))
    }
}

/// A time that is longer than usual.
pub(super) fn pace(
    groups: &Groups,
    spender: Spender,
    time: &Pace,
    effect: Effect,
    service: &str,
) -> Finding {
    let named = |number: u32| {
        let known = &groups.places[number as usize];
        format!("{} {}", known.service, known.operation)
    };
    let subject = match spender {
        Spender::Own(own) => format!("{} spends {{}} by itself", named(own)),
        Spender::Between(asking, asked) => {
            format!("{{}} pass around the call of {} in {}", named(asked), named(asking))
        }
    };
    let times = format!("{:.1} ms instead of {:.1} ms", time.found / 1e6, time.usual / 1e6);
    let sentence = format!(
        "{} ({:.1} times as long as usual, in {} spans, compared with {})",
        subject.replace("{}", &times),
        time.ratio,
        time.counts.0,
        time.counts.1,
    );
    let mut measures = vec![
        Measure::time("found", time.found as i64),
        Measure::time("usual", time.usual as i64),
        Measure::count("ratio", time.ratio),
    ];
    measures.extend([
        Measure::count("spans", time.counts.0 as f64),
        Measure::count("reference_spans", time.counts.1 as f64),
    ]);
    Finding {
        name: "slower",
        level: Level::Warning,
        confirm: format!("{service} or its machine was short of processor, connections or locks"),
        refute: "the requests of the window ask for more work than those of the reference"
            .to_owned(),
        ..said(service, sentence, effect, measures)
    }
}

/// A value that separates the groups.
pub(super) fn value(separator: &Separator, effect: Effect) -> Finding {
    let shares = shares(separator.bad, separator.good);
    let test = match &separator.test {
        Test::Is(text) => format!("{} = {text}", separator.name),
        Test::Above(threshold) => format!("{} > {threshold}", separator.name),
    };
    let sentence = format!("{test} in {}: in {shares}", separator.service);
    let mut measures = counts(separator.bad, separator.good);
    if let Test::Above(threshold) = separator.test {
        measures.push(Measure::count("threshold", threshold));
    }
    Finding {
        name: if separator.is_version() { "version" } else { "value" },
        level: Level::Note,
        confirm: "a request with this value shows it, and the same request without it does not"
            .to_owned(),
        refute: "what is asked for changed at the same time, for another reason".to_owned(),
        ..said(&separator.service, sentence, effect, measures)
    }
}

fn said(service: &str, sentence: String, effect: Effect, mut measures: Vec<Measure>) -> Finding {
    let margin = effect.critical * effect.error;
    measures.extend([
        Measure::count("effect", effect.size),
        Measure::count("effect_low", effect.size - margin),
        Measure::count("effect_high", effect.size + margin),
    ]);
    Finding {
        name: "",
        level: Level::Note,
        service: Some(service.to_owned()),
        sentence,
        measures,
        spans: Vec::new(),
        evidence: Vec::new(),
        confidence: confidence(effect),
        confirm: String::new(),
        refute: String::new(),
        innocent: Vec::new(),
        symptom_of: None,
    }
}

/// One less the chance that something as far from none is found among all that was tried.
fn confidence(effect: Effect) -> f32 {
    // The critical distance was chosen so that it is passed by chance in 5 % of all cases.
    let by_chance = p_value(effect.distance()) / p_value(effect.critical).max(f64::MIN_POSITIVE);
    (1.0 - (0.05 * by_chance).min(1.0)).min(0.99) as f32
}

fn counts(bad: (u32, u32), good: (u32, u32)) -> Vec<Measure> {
    vec![
        Measure::count("requests", f64::from(bad.0)),
        Measure::count("requests_of", f64::from(bad.1)),
        Measure::count("reference_requests", f64::from(good.0)),
        Measure::count("reference_requests_of", f64::from(good.1)),
    ]
}

/// `23 of 23 requests instead of 13 of 180`.
fn shares(bad: (u32, u32), good: (u32, u32)) -> String {
    format!("{} of {} requests instead of {} of {}", bad.0, bad.1, good.0, good.1)
}

/// A step in words.
fn named(groups: &Groups, step: Step) -> String {
    match step {
        Step::Start => "the beginning".to_owned(),
        Step::End(false) => "the end".to_owned(),
        Step::End(true) => "a failed end".to_owned(),
        Step::Call(place) => {
            let place = &groups.places[place as usize];
            format!("the call of {} {}", place.service, place.operation)
        }
        Step::Line(number) => {
            let statement = &groups.statements[number as usize];
            let mut text = statement.logger.clone();
            if !statement.text.is_empty() {
                text.push_str(if text.is_empty() { "" } else { " " });
                text.push_str(&statement.text);
            }
            if !statement.exception.is_empty() {
                text.push(' ');
                text.push_str(&statement.exception);
            }
            let cut: String = text.chars().take(STATEMENT_CHARACTERS_MAX).collect();
            let mark = if statement.is_error() {
                "the error "
            } else if statement.is_warning() {
                "the warning "
            } else {
                ""
            };
            format!("{mark}`{}`", cut.trim())
        }
    }
}
