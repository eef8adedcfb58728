//! The line at a place in the files: `checkout.log:34`, as answers, editors and colleagues name it.

use crate::model::entry::Entry;
use crate::store::{Reader, StoreError};

/// Streams that a path without its directories may name: more are no one's place.
const STREAMS_MAX: usize = 16;

/// The line whose place this text is, `path:line` or `path:line:column`; none if it is no place,
/// or nothing was read from there. The path may lack directories in front.
///
/// # Errors
/// When the store cannot be read.
pub fn line_at(reader: &dyn Reader, text: &str) -> Result<Option<Entry>, StoreError> {
    for (path, line) in places(text.trim()) {
        let named = path.strip_prefix("./").unwrap_or(path);
        let streams = reader.checkpoints()?.into_iter().map(|read| read.path);
        let streams = streams.filter(|stream| is_named(stream, named));
        for stream in streams.take(STREAMS_MAX) {
            if let Some(entry) = reader.line(&stream, line)? {
                return Ok(Some(entry));
            }
        }
    }
    Ok(None)
}

/// Whether a text may be a place: a name with a number behind it.
pub fn is_place(text: &str) -> bool {
    places(text.trim()).next().is_some()
}

/// The ways to read a text as a path and a line.
fn places(text: &str) -> impl Iterator<Item = (&str, u64)> {
    let place = |text: &str| -> Option<(usize, u64)> {
        let (path, line) = text.rsplit_once(':')?;
        Some((path.len(), line.parse().ok()?)).filter(|(path, line)| *path > 0 && *line > 0)
    };
    let whole = place(text).map(|(path, line)| (&text[..path], line));
    let with_column =
        whole.and_then(|(rest, _)| place(rest).map(|(path, line)| (&rest[..path], line)));
    [with_column, whole].into_iter().flatten()
}

/// Whether a path names a stream: whole, or without directories in front.
fn is_named(stream: &str, path: &str) -> bool {
    stream == path || stream.strip_suffix(path).is_some_and(|before| before.ends_with(['/', '\\']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_path_and_a_line() {
        let read = |text| places(text).collect::<Vec<_>>();
        assert_eq!(read("logs/a.log:34"), [("logs/a.log", 34)]);
        assert_eq!(read("a.log:34:7"), [("a.log", 34), ("a.log:34", 7)]);
        for text in ["a.log", ":3", "a.log:0", "a.log:x", ""] {
            assert_eq!(read(text), [], "text: {text}");
        }
    }

    #[test]
    fn a_path_names_a_stream_with_or_without_its_directories() {
        assert!(is_named("/var/log/shop/a.log", "shop/a.log"));
        assert!(is_named("day.tar.gz!/logs/a.log", "a.log"));
        assert!(!is_named("/var/log/shop/a.log", "op/a.log"));
    }
}
