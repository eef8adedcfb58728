//! Machine-readable answers: JSON whose fields `docs/schema/` publishes.
//!
//! Times are RFC 3339 in UTC with nanoseconds, ids lower-case hexadecimal, what is unknown
//! is `null`, and every field is always there. Paths are shown as in text answers.
//!
//! Every answer is one line of JSON; [`lines_ndjson`](lines::ndjson) and
//! [`spans`](spans::spans) write one object a line. Control characters are escaped, also
//! those that JSON would allow, so that an answer can be looked at in a terminal.

pub mod alert;
mod brief;
pub mod coverage;
pub mod diagnosis;
pub mod facets;
pub mod fields;
mod findings;
pub mod groups;
mod json;
pub mod lines;
pub mod live;
pub mod map;
pub mod pair;
pub mod search;
mod sequence;
pub mod spans;
pub mod store;
pub mod trace;

#[cfg(test)]
mod tests;
