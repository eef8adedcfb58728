//! `logloom export`: requests for other programs.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;

use crate::cli::arguments::export::{ExportArguments, ExportFormat};
use crate::cli::console::Console;
use crate::cli::failure::{Failure, of_store};
use crate::cli::question::question;
use crate::cli::session::Session;
use crate::engine::answer::{ENTRIES_MAX, Request};
use crate::engine::search::each_match;
use crate::model::id::TraceId;
use crate::model::trace::Trace;
use crate::render::wire;
use crate::store::{StoreError, Window};

/// Writes every request that matches, the oldest first.
///
/// # Errors
/// When there is none, the query is wrong, the store cannot be read, or the answer not written.
pub fn run(
    console: &Console,
    session: &Session,
    arguments: &ExportArguments,
    query: Option<&str>,
) -> Result<(), Failure> {
    let window = console.window(&arguments.window)?;
    let wanted = query.map(|query| matching(console, session, query, window)).transpose()?;
    let export = Export {
        session,
        window,
        wanted,
        format: arguments.format,
        limit: arguments.limit.map_or(usize::MAX, std::num::NonZeroUsize::get),
    };
    let written = match &arguments.output {
        None => export.to_standard_output(console)?,
        Some(path) => export.to_file(path)?,
    };
    if written == 0 {
        return Err(Failure::none_found("no request to export"));
    }
    Ok(())
}

/// The ids of the requests that match.
pub(super) fn matching(
    console: &Console,
    session: &Session,
    query: &str,
    window: Window,
) -> Result<HashSet<TraceId>, Failure> {
    let query = question(query, session.reader(), console)?;
    let mut ids = HashSet::new();
    let gather = &mut |trace: Trace| {
        ids.insert(trace.id);
        ControlFlow::Continue(())
    };
    each_match(&session.source(), &query, window, gather).map_err(|error| of_store(&error))?;
    Ok(ids)
}

/// What is written.
struct Export<'a> {
    session: &'a Session,
    window: Window,
    /// The requests wanted; all, if none are named.
    wanted: Option<HashSet<TraceId>>,
    format: ExportFormat,
    limit: usize,
}

impl Export<'_> {
    fn to_standard_output(&self, console: &Console) -> Result<usize, Failure> {
        let mut result = Ok(0);
        console.answer(|out| {
            let mut written = Ok(());
            result = self.each(out, &mut written);
            written
        })?;
        result.map_err(|error| of_store(&error))
    }

    fn to_file(&self, path: &Path) -> Result<usize, Failure> {
        let target = path.display().to_string();
        let failed = |error: io::Error| Failure::output(&target, &error);
        let mut out = BufWriter::new(File::create(path).map_err(failed)?);
        let mut written = Ok(());
        let count = self.each(&mut out, &mut written).map_err(|error| of_store(&error))?;
        written.and_then(|()| out.flush()).map_err(failed)?;
        Ok(count)
    }

    /// Writes each request; how many. What goes wrong with the writer stands in `written`.
    fn each(&self, out: &mut dyn Write, written: &mut io::Result<()>) -> Result<usize, StoreError> {
        let source = self.session.source();
        let mut count = 0;
        source.reader.each_trace(&self.window, ENTRIES_MAX, &mut |id, found| {
            if self.wanted.as_ref().is_some_and(|wanted| !wanted.contains(&id)) {
                return ControlFlow::Continue(());
            }
            let request = Request::new(id, found.items, source.knowledge);
            let (trace, rows) = (&request.trace, request.rows());
            *written = match self.format {
                ExportFormat::Spans => wire::spans::spans(out, trace, &rows, &self.session.paths),
            };
            count += 1;
            if written.is_ok() && count < self.limit {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })?;
        Ok(count)
    }
}
