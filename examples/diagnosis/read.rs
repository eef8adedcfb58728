//! Made-up files, read as the program reads them.

use std::collections::BTreeMap;
use std::sync::Arc;

use logloom::context::attributor::Attributor;
use logloom::decode::decoder::Decoder;
use logloom::decode::definition::Definitions;
use logloom::model::entry::Entry;
use logloom::model::id::TraceId;
use logloom::model::line::{Line as Physical, Position};

/// Reads files as the program reads them: decoded, attributed, by request.
pub(crate) fn read(
    definitions: &Arc<Definitions>,
    files: &BTreeMap<String, String>,
) -> BTreeMap<TraceId, Vec<Entry>> {
    let mut requests: BTreeMap<TraceId, Vec<Entry>> = BTreeMap::new();
    for (service, text) in files {
        let path: Arc<str> = Arc::from(format!("/logs/{service}.log"));
        let mut decoder = Decoder::new(Arc::clone(definitions), None);
        let mut attributor = Attributor::new(&path);
        let mut records = Vec::new();
        let mut offset = 0;
        for (number, line) in (1..).zip(text.lines()) {
            let position = Position { line: number, offset };
            decoder.push(
                Physical { bytes: line.as_bytes(), position, cut: 0, terminated: true },
                &mut records,
            );
            offset += line.len() as u64 + 1;
        }
        decoder.finish(&mut records);
        for entry in records.into_iter().map(|record| attributor.attribute(record)) {
            if let Some(id) = entry.context.trace_id {
                requests.entry(id).or_default().push(entry);
            }
        }
    }
    requests
}
