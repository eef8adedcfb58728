//! How much of each service's log can be joined to requests, and where to begin mending it.

use std::io;

use crate::model::coverage::{Coverage, Services};
use crate::render::painted::{Painted, Role};
use crate::render::style::Style;
use crate::render::summary::{grouped, share};
use crate::render::table::{Column, Table};

const COLUMNS: [Column; 7] = [
    Column::words("SERVICE").shrinking_to(16),
    Column::number("LINES"),
    Column::number("TIME"),
    Column::number("LEVEL"),
    Column::number("TRACE"),
    Column::number("SPAN"),
    Column::number("PARENT"),
];

/// Services named as those to mend first.
const FIRST_MAX: usize = 3;

/// A service with this share of its lines (in a thousand) covered needs no mending: start-up
/// and shutdown belong to no request.
const ENOUGH: u64 = 950;

/// Writes the report: a row for each service, then where to begin.
///
/// # Errors
/// When the writer fails.
pub fn report(out: &mut dyn io::Write, services: &Services, style: &Style) -> io::Result<()> {
    let mut table = Table::new(&COLUMNS);
    let mut rows: Vec<(&String, &Coverage)> = services.by_name.iter().collect();
    rows.sort_by_key(|(_, coverage)| std::cmp::Reverse(coverage.lines));
    for (service, coverage) in rows {
        let mut cells = vec![
            Painted::of(Role::Strong, service),
            Painted::of(Role::Plain, &grouped(coverage.lines)),
        ];
        for part in [
            coverage.with_time,
            coverage.with_level,
            coverage.with_trace,
            coverage.with_span,
            coverage.with_parent,
        ] {
            let role = if part == 0 { Role::Dim } else { Role::Plain };
            cells.push(Painted::of(role, &share(part, coverage.lines)));
        }
        table.row(cells, Vec::new());
    }
    table.write(out, style.columns(), style.colour)?;
    let first = to_mend_first(services);
    if first.is_empty() {
        return Ok(());
    }
    Painted::new().write_line(out, style.colour)?;
    Painted::of(Role::Dim, "mend first").write_line(out, style.colour)?;
    for (number, (service, coverage)) in first.iter().enumerate() {
        let mut line = Painted::of(Role::Plain, &format!("{}. ", number + 1));
        line.push(Role::Strong, service);
        line.push(Role::Plain, &format!(": {}", lack(coverage).told(coverage)));
        for row in line.wrap(style.columns()) {
            row.write_line(out, style.colour)?;
        }
        for row in
            Painted::of(Role::Plain, &advice(coverage)).wrap(style.columns().saturating_sub(3))
        {
            let mut indented = Painted::of(Role::Plain, "   ");
            indented.append(&row);
            indented.write_line(out, style.colour)?;
        }
    }
    Ok(())
}

/// The services whose mending would join the most lines, at most three.
pub fn to_mend_first(services: &Services) -> Vec<(&str, &Coverage)> {
    let mut first: Vec<(&str, &Coverage)> = services
        .by_name
        .iter()
        .filter(|(_, coverage)| lack(coverage) != Lack::Nothing)
        .map(|(service, coverage)| (service.as_str(), coverage))
        .collect();
    first.sort_by_key(|(service, coverage)| (std::cmp::Reverse(weight(coverage)), *service));
    first.truncate(FIRST_MAX);
    first
}

/// What a service's log lacks most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lack {
    Time,
    Trace,
    Span,
    Level,
    Nothing,
}

impl Lack {
    fn told(self, coverage: &Coverage) -> String {
        let (what, part) = match self {
            Self::Time => ("a time", coverage.with_time),
            Self::Trace => ("a trace id", coverage.with_trace),
            Self::Span => ("a span id", coverage.with_span),
            Self::Level => ("a level", coverage.with_level),
            Self::Nothing => return "nothing is missing".to_owned(),
        };
        let without = coverage.lines - part.min(coverage.lines);
        let of_all = share(without, coverage.lines);
        format!("{} lines ({of_all}) lack {what}", grouped(without))
    }
}

fn lack(coverage: &Coverage) -> Lack {
    let is_enough = |part: u64| part.saturating_mul(1000) >= coverage.lines.saturating_mul(ENOUGH);
    if !is_enough(coverage.with_time) {
        Lack::Time
    } else if !is_enough(coverage.with_trace) {
        Lack::Trace
    } else if !is_enough(coverage.with_span) {
        Lack::Span
    } else if !is_enough(coverage.with_level) {
        Lack::Level
    } else {
        Lack::Nothing
    }
}

/// How many lines its mending would join: those without a request count whole, those without
/// a span half, for the clock often tells the span.
fn weight(coverage: &Coverage) -> u64 {
    let without = |part: u64| coverage.lines.saturating_sub(part);
    without(coverage.with_trace).saturating_mul(4)
        + without(coverage.with_span).saturating_mul(2)
        + without(coverage.with_time)
        + without(coverage.with_level)
}

/// What to change, for the format of most of the service's lines.
fn advice(coverage: &Coverage) -> String {
    let format = coverage.main_format().unwrap_or("plain");
    match lack(coverage) {
        Lack::Time => {
            "write the date, the time and the zone on each line: 2026-11-21T09:30:15.250Z"
                .to_owned()
        }
        Lack::Level => format!("write the level on each line (format {format})"),
        Lack::Trace | Lack::Span => for_ids(format).to_owned(),
        Lack::Nothing => String::new(),
    }
}

/// How programs that write this format come to write trace and span ids.
fn for_ids(format: &str) -> &'static str {
    const ADVICE: [(&[&str], &str); 12] = [
        (
            &["spring", "logback", "log4j", "jboss", "tomcat", "skywalking"],
            "Java: start it with OpenTelemetry's agent and put trace_id=%X{trace_id} span_id=%X{span_id} into the layout's pattern (Spring Boot 3: add micrometer-tracing, the pattern then has them)",
        ),
        (
            &["python", "loguru", "gunicorn", "uvicorn", "celery"],
            "Python: run it under opentelemetry-instrument with OTEL_PYTHON_LOG_CORRELATION=true, and keep %(otelTraceID)s and %(otelSpanID)s in the format",
        ),
        (
            &["pino", "log4js", "access-json"],
            "Node.js: load @opentelemetry/auto-instrumentations-node; it adds trace_id and span_id to each record of pino, winston and bunyan",
        ),
        (
            &["dotnet", "serilog", "clef"],
            ".NET: set ActivityTrackingOptions to SpanId | TraceId | ParentId and write scopes; Serilog has both ids by itself from version 3.1",
        ),
        (
            &["zap", "klog", "go", "logfmt"],
            "Go: log with the request's context through OpenTelemetry's bridge (otelslog, otelzap), or add trace_id and span_id from trace.SpanContextFromContext",
        ),
        (
            &["rust", "env"],
            "Rust: use tracing with tracing-opentelemetry and record trace_id in the request's outermost span",
        ),
        (
            &["monolog"],
            "PHP: add OpenTelemetry's processor for Monolog, it writes trace_id and span_id",
        ),
        (
            &["elixir"],
            "Elixir: opentelemetry_logger_metadata puts trace_id and span_id into the metadata; list them in the formatter's metadata",
        ),
        (
            &["nginx", "access"],
            "web server: add $http_traceparent (nginx with its OpenTelemetry module: $otel_trace_id $otel_span_id) to the log format",
        ),
        (
            &["envoy", "istio"],
            "Envoy: add trace=%TRACE_ID% and traceparent=%REQ(TRACEPARENT)% to the access log format",
        ),
        (
            &["postgresql", "mysql"],
            "database: let its clients write the traceparent into a comment of each statement (SQLCommenter)",
        ),
        (
            &["redis", "rabbitmq", "kafka", "mongodb", "elasticsearch"],
            "this server cannot log trace ids; log the calls on the side of its clients",
        ),
    ];
    let is_of = |names: &[&str]| format.split('-').any(|word| names.contains(&word));
    ADVICE
        .iter()
        .find(|(names, _)| is_of(names))
        .map_or("write trace_id and span_id as fields of each record: OpenTelemetry has an integration for most logging libraries", |(_, advice)| advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::coverage::Assumed;
    use crate::render::fixture;

    fn coverage(lines: u64, trace: u64, span: u64, format: &str) -> Coverage {
        Coverage {
            lines,
            with_time: lines,
            with_level: lines,
            with_trace: trace,
            with_span: span,
            with_parent: 0,
            formats: [(format.to_owned(), lines)].into(),
            assumed: Assumed::default(),
        }
    }

    fn services(list: &[(&str, Coverage)]) -> Services {
        let list = list.iter().map(|(name, coverage)| ((*name).to_owned(), coverage.clone()));
        Services { by_name: list.collect() }
    }

    fn told(services: &Services) -> String {
        let mut out = Vec::new();
        report(&mut out, services, &fixture::style(100)).expect("a Vec takes all bytes");
        String::from_utf8(out).expect("reports are text")
    }

    #[test]
    fn the_three_services_that_would_gain_most_are_named_with_what_to_do() {
        insta::assert_snapshot!(told(&services(&[
            ("cart", coverage(1_000, 998, 990, "pino")),
            ("checkout", coverage(9_000, 0, 0, "spring-boot")),
            ("gateway", coverage(2_000, 0, 0, "envoy-access")),
            ("postgres", coverage(500, 0, 0, "postgresql")),
            ("pricing", coverage(4_000, 4_000, 10, "zap-console")),
        ])));
    }

    #[test]
    fn where_nothing_is_missing_nothing_is_advised() {
        let text = told(&services(&[("cart", coverage(1_000, 998, 990, "pino"))]));
        assert!(!text.contains("mend first"), "{text}");
    }

    #[test]
    fn a_service_without_times_is_told_of_times_first() {
        let undated = Coverage { with_time: 0, ..coverage(10, 0, 0, "plain") };
        assert!(told(&services(&[("old", undated)])).contains("10 lines (100 %) lack a time"));
    }
}
