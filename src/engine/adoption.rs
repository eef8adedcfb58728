//! The lines of a batch that state no request, given to the requests around them.

use std::hash::Hasher;
use std::sync::Arc;

use hashbrown::HashMap;
use twox_hash::XxHash3_64;

use crate::context::adoption::{Adopted, Said, adopt};
use crate::model::entry::{Attribution, AttributionBasis, Entry};
use crate::model::line::Position;
use crate::model::place::{Place, statement};
use crate::store::Batch;

/// Where a line stands in a batch.
#[derive(Debug, Clone, Copy)]
enum Line {
    Entry(usize),
    Templated(usize),
}

/// The lines of a stream.
#[derive(Debug, Default)]
struct Stream {
    lines: Vec<(Position, Line, Said)>,
    stated: bool,
    unstated: bool,
}

/// Gives lines that state no request to the likeliest one of those around them.
pub(super) fn adopt_strangers(batch: &mut Batch) {
    let mut templated = Vec::new();
    for mut stream in streams(batch).into_values() {
        stream.lines.sort_by_key(|line| line.0);
        let said: Vec<Said> = stream.lines.iter().map(|line| line.2).collect();
        for adopted in adopt(&said) {
            match stream.lines[adopted.line].1 {
                Line::Entry(index) => join(&mut batch.entries[index], adopted),
                Line::Templated(index) => templated.push((index, adopted)),
            }
        }
    }
    // A template states its lines' requests; a line that is given one is no longer its own.
    templated.sort_unstable_by_key(|line| line.0);
    let indexes: Vec<usize> = templated.iter().map(|line| line.0).collect();
    for (place, mut entry) in batch.templated.take(&indexes) {
        join(&mut entry, templated[place].1);
        batch.entries.push(entry);
    }
}

fn join(entry: &mut Entry, adopted: Adopted) {
    entry.context.trace_id = Some(adopted.trace);
    entry.context.attribution =
        Some(Attribution { basis: AttributionBasis::Inferred, confidence: adopted.confidence });
}

/// The lines of the batch by their streams. Streams in which all lines are alike in that they
/// state a request, or state none, are left out.
fn streams(batch: &Batch) -> HashMap<Arc<str>, Stream> {
    let mut streams: HashMap<Arc<str>, Stream> = HashMap::new();
    for entry in &batch.entries {
        let stated = entry.context.trace_id.is_some();
        note(&mut streams, &entry.path, stated, !stated);
    }
    let templates = batch.templated.templates();
    // A path is looked up once for each template: most batches end here.
    let mut told = vec![(false, false); templates.len()];
    for line in batch.templated.lines() {
        let (stated, unstated) = &mut told[line.template as usize];
        *stated |= line.trace.is_some();
        *unstated |= line.trace.is_none();
    }
    for (template, (stated, unstated)) in templates.iter().zip(told) {
        note(&mut streams, &template.sample.path, stated, unstated);
    }
    streams.retain(|_, stream| stream.stated && stream.unstated);
    if streams.is_empty() {
        return streams;
    }
    for (index, entry) in batch.entries.iter().enumerate() {
        let Some(stream) = streams.get_mut(&entry.path) else { continue };
        let at = entry.time();
        let said = Said {
            place: statement(entry),
            at,
            thread: entry.record.thread.as_deref().map(hash),
            trace: entry.context.trace_id,
        };
        stream.lines.push((entry.record.position, Line::Entry(index), said));
    }
    let places: Vec<Place> = templates.iter().map(|template| statement(&template.sample)).collect();
    for (index, line) in batch.templated.lines().iter().enumerate() {
        let template = line.template as usize;
        let Some(stream) = streams.get_mut(&templates[template].sample.path) else { continue };
        let thread = templates[template].thread_of(&batch.templated.filled(line));
        let thread = thread.as_deref().map(hash);
        let said = Said { place: places[template], at: Some(line.time), thread, trace: line.trace };
        stream.lines.push((line.position, Line::Templated(index), said));
    }
    streams
}

fn note(streams: &mut HashMap<Arc<str>, Stream>, path: &Arc<str>, stated: bool, unstated: bool) {
    let stream = match streams.get_mut(path) {
        Some(stream) => stream,
        None => streams.entry(Arc::clone(path)).or_default(),
    };
    stream.stated |= stated;
    stream.unstated |= unstated;
}

fn hash(thread: &str) -> u64 {
    let mut hasher = XxHash3_64::new();
    hasher.write(thread.as_bytes());
    hasher.finish()
}
