//! Answers as CSV (RFC 4180) for spreadsheets, which must not take a log's text for a formula.

use std::borrow::Cow;
use std::fmt::Display;
use std::io;

use crate::analysis::map::Map;
use crate::model::entry::Entry;
use crate::render::escape::visible;
use crate::render::map::PERCENTILES;
use crate::render::path::PathView;
use crate::render::requests::RequestRow;
use crate::render::wire::fields::Fields;
use crate::render::wire::lines::attributed_by;

/// How cells are written.
#[derive(Debug, Clone, Default)]
pub struct CsvStyle {
    /// How paths are shown.
    pub paths: PathView,
    /// Whether a terminal reads it: control characters are made visible then. A file gets
    /// them as the log has them.
    pub terminal: bool,
}

/// Writes requests, a header first.
///
/// # Errors
/// When the writer fails.
pub fn requests(out: &mut dyn io::Write, rows: &[RequestRow], style: &CsvStyle) -> io::Result<()> {
    let header = "trace_id,start,duration_nano,root_service,root_operation,services,spans,lines,\
                  errors,matched_path,matched_line,matched_message\r\n";
    out.write_all(header.as_bytes())?;
    for row in rows {
        let request = &row.brief;
        Record::new(style)
            .plain(&request.id)
            .plain_option(request.start)
            .plain_option(request.duration)
            .text(&request.root_service)
            .text(&request.root_operation)
            .plain(&request.services)
            .plain(&request.spans)
            .plain(&request.lines)
            .plain(&request.errors)
            .text(&style.paths.show(&row.matched.path))
            .plain(&row.matched.record.position.line)
            .text(&row.matched.record.message)
            .write(out)?;
    }
    Ok(())
}

/// Writes the calls of a map, one a row, a header first.
///
/// # Errors
/// When the writer fails.
pub fn map(out: &mut dyn io::Write, map: &Map, style: &CsvStyle) -> io::Result<()> {
    let header = "caller,callee,caller_operation,callee_operation,calls,errors,p50_nano,p95_nano,\
                  p99_nano,waited_nano,stated,inferred\r\n";
    out.write_all(header.as_bytes())?;
    for edge in &map.edges {
        let caller = edge.caller.map_or("", |caller| map.services[caller].name.as_str());
        for calls in &edge.operations {
            let total = &calls.flow.total;
            let [p50, p95, p99] = PERCENTILES.map(|share| total.durations.quantile(share));
            Record::new(style)
                .text(caller)
                .text(&map.services[edge.callee].name)
                .text(calls.caller.as_deref().unwrap_or_default())
                .text(&calls.callee)
                .plain(&total.calls)
                .plain(&total.errors)
                .plain_option(p50)
                .plain_option(p95)
                .plain_option(p99)
                .plain(&calls.waited)
                .plain(&calls.known.stated)
                .plain(&calls.known.inferred)
                .write(out)?;
        }
    }
    Ok(())
}

/// Writes entries, a header first.
///
/// # Errors
/// When the writer fails.
pub fn lines<'a>(
    out: &mut dyn io::Write,
    entries: impl IntoIterator<Item = &'a Entry>,
    style: &CsvStyle,
) -> io::Result<()> {
    header(out)?;
    entries.into_iter().try_for_each(|entry| line(out, entry, style))
}

/// Writes the header of lines, as [`line()`] writes them.
///
/// # Errors
/// When the writer fails.
pub fn header(out: &mut dyn io::Write) -> io::Result<()> {
    let header = "path,line,offset,time,time_raw,severity,service,trace_id,span_id,attributed_by,\
                  confidence,message,fields\r\n";
    out.write_all(header.as_bytes())
}

/// Writes one entry.
///
/// # Errors
/// When the writer fails.
pub fn line(out: &mut dyn io::Write, entry: &Entry, style: &CsvStyle) -> io::Result<()> {
    let (record, context) = (&entry.record, &entry.context);
    let attribution = context.attribution;
    Record::new(style)
        .text(&style.paths.show(&entry.path))
        .plain(&record.position.line)
        .plain(&record.position.offset)
        .plain_option(entry.time())
        .text(record.time.as_ref().map_or("", |time| &time.text))
        .plain_option(record.severity)
        .text(&context.service)
        .plain_option(context.trace_id)
        .plain_option(context.span_id)
        .plain_option(attribution.map(|known| attributed_by(known.basis)))
        .plain_option(attribution.map(|known| known.confidence))
        .text(&record.message)
        .text(&serde_json::to_string(&Fields(&record.fields))?)
        .write(out)
}

/// One row in the making.
pub(in crate::render) struct Record<'a> {
    style: &'a CsvStyle,
    text: String,
    is_first: bool,
}

impl<'a> Record<'a> {
    pub(in crate::render) const fn new(style: &'a CsvStyle) -> Self {
        Self { style, text: String::new(), is_first: true }
    }

    /// A cell of our own making: a number, a time, an id, a name.
    pub(in crate::render) fn plain(mut self, value: &impl Display) -> Self {
        self.separate();
        self.text.push_str(&value.to_string());
        self
    }

    pub(in crate::render) fn plain_option(self, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.plain(&value),
            None => self.plain(&""),
        }
    }

    /// A cell of foreign text.
    pub(in crate::render) fn text(mut self, value: &str) -> Self {
        self.separate();
        let value = if self.style.terminal { visible(value) } else { Cow::Borrowed(value) };
        let is_formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let is_quoted = value.contains(['"', ',', '\r', '\n']);
        self.text.push_str(if is_quoted { "\"" } else { "" });
        self.text.push_str(if is_formula { "'" } else { "" });
        self.text.push_str(&value.replace('"', "\"\""));
        self.text.push_str(if is_quoted { "\"" } else { "" });
        self
    }

    fn separate(&mut self) {
        if !std::mem::replace(&mut self.is_first, false) {
            self.text.push(',');
        }
    }

    pub(in crate::render) fn write(mut self, out: &mut dyn io::Write) -> io::Result<()> {
        self.text.push_str("\r\n");
        out.write_all(self.text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixture;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut out = Vec::new();
        let style = CsvStyle::default();
        Record::new(&style).text(text).plain(&7).write(&mut out).expect("a Vec takes all bytes");
        assert_eq!(String::from_utf8_lossy(&out), format!("{expected},7\r\n"));
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        check("paid", "paid");
        check("a, \"b\"\nc", "\"a, \"\"b\"\"\nc\"");
        check("", "");
    }

    #[test]
    fn a_formula_is_made_text() {
        check("=1+1", "'=1+1");
        check("+1", "'+1");
        check("-2+3", "'-2+3");
        check("@SUM(A1)", "'@SUM(A1)");
        check("\t=1", "'\t=1");
        check("\r=1,2", "\"'\r=1,2\"");
    }

    #[test]
    fn lines_have_the_columns_of_the_machine_readable_answer() {
        let story = fixture::checkout();
        let mut out = Vec::new();
        lines(&mut out, [&story.trace.entries[2].entry], &CsvStyle::default())
            .expect("a Vec takes all bytes");
        insta::assert_snapshot!(String::from_utf8_lossy(&out).replace('\r', ""));
    }

    #[test]
    fn requests_have_a_header_even_if_there_are_none() {
        let mut out = Vec::new();
        requests(&mut out, &[], &CsvStyle::default()).expect("a Vec takes all bytes");
        assert!(out.starts_with(b"trace_id,start,duration_nano,"));
        assert!(out.ends_with(b"\r\n"));
    }

    #[test]
    fn a_terminal_gets_no_control_characters() {
        let story = fixture::hostile();
        let style = CsvStyle { terminal: true, ..CsvStyle::default() };
        let mut out = Vec::new();
        lines(&mut out, [&story.trace.entries[0].entry], &style).expect("a Vec takes all bytes");
        let text = String::from_utf8(out).expect("CSV of text is text");
        assert!(!text.replace("\r\n", "").contains(crate::render::escape::is_unsafe));
    }
}
