//! Lines of made-up logs, in the dialects that services write them in.

use std::collections::BTreeMap;
use std::fmt::Write;

/// How long, in microseconds.
pub(crate) type Micros = i64;

/// One second.
pub(crate) const SECOND: Micros = 1_000_000;

/// One millisecond.
pub(crate) const MILLI: Micros = 1_000;

/// A line before it is written in the dialect of its service.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) at: Micros,
    pub(crate) service: String,
    pub(crate) level: &'static str,
    pub(crate) message: String,
    pub(crate) values: Vec<(&'static str, String)>,
    pub(crate) trace: u128,
    pub(crate) span: u64,
    pub(crate) parent: Option<u64>,
}

/// How the services of a system write their lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// JSON with trace, span and parent.
    Json,
    /// Pairs with trace, span and parent.
    Pairs,
    /// Spring Boot text with trace and span.
    Text,
    /// JSON with the trace alone.
    TraceOnly,
}

/// The lines of each service as the text of its file, in order of time.
pub(crate) fn written(
    mut lines: Vec<Line>,
    dialect: impl Fn(&str) -> Dialect,
) -> BTreeMap<String, String> {
    lines.sort_by_key(|line| line.at);
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for line in &lines {
        let text = files.entry(line.service.clone()).or_default();
        text.push_str(&match dialect(&line.service) {
            Dialect::Json => json(line, true),
            Dialect::TraceOnly => json(line, false),
            Dialect::Pairs => pairs(line),
            Dialect::Text => text_line(line),
        });
        text.push('\n');
    }
    files
}

/// The moment as text: the day of all scenarios begins at 09:00 UTC.
fn moment(at: Micros) -> String {
    let (seconds, micros) = (at / SECOND, at % SECOND);
    let (hours, minutes) = (9 + seconds / 3_600, seconds / 60 % 60);
    format!("2026-11-21T{hours:02}:{minutes:02}:{:02}.{micros:06}Z", seconds % 60)
}

fn json(line: &Line, spans: bool) -> String {
    let mut text = format!(
        r#"{{"time":"{}","level":"{}","service":"{}","message":"{}","trace_id":"{:032x}""#,
        moment(line.at),
        line.level,
        line.service,
        line.message,
        line.trace,
    );
    if spans {
        let _ = write!(text, r#","span_id":"{:016x}""#, line.span);
        if let Some(parent) = line.parent {
            let _ = write!(text, r#","parent_span_id":"{parent:016x}""#);
        }
    }
    for (name, value) in &line.values {
        let _ = write!(text, r#","{name}":"{value}""#);
    }
    text.push('}');
    text
}

// Writing to a text cannot fail.
fn pairs(line: &Line) -> String {
    let mut text = format!(
        r#"time={} level={} service.name={} msg="{}" trace_id={:032x} span_id={:016x}"#,
        moment(line.at),
        line.level,
        line.service,
        line.message,
        line.trace,
        line.span,
    );
    if let Some(parent) = line.parent {
        let _ = write!(text, " parent_span_id={parent:016x}");
    }
    for (name, value) in &line.values {
        let _ = write!(text, " {name}=\"{value}\"");
    }
    text
}

fn text_line(line: &Line) -> String {
    let mut text = format!(
        "{} {:>5} [{},{:032x},{:016x}] 1 --- [nio-8080-exec-1] c.shop.Handler : {}",
        moment(line.at),
        line.level.to_uppercase(),
        line.service,
        line.trace,
        line.span,
        line.message,
    );
    for (name, value) in &line.values {
        let _ = write!(text, " {name}={value}");
    }
    text
}
