//! Rows to bytes: terminal text, tables, JSON, CSV.
//!
//! Everything is written to a given writer. Text of logs reaches a terminal only through
//! [`Painted`](painted::Painted), which lets no control character pass; JSON escapes them
//! and CSV is told where it goes.
//!
//! Never: decides order, computes what the analysis should.

pub mod alert;
pub mod brief;
pub mod chosen;
pub mod coverage;
pub mod csv;
pub mod diagnosis;
pub mod duration;
pub mod escape;
pub mod facets;
#[cfg(test)]
mod fixture;
pub mod explanation;
pub mod groups;
pub mod highlight;
pub mod lines;
pub mod live;
pub mod map;
pub mod moment;
pub mod painted;
pub mod pair;
pub mod path;
pub mod report;
pub mod requests;
mod spark;
pub mod statement;
pub mod store;
pub mod story;
pub mod style;
pub mod summary;
pub mod table;
mod technical;
pub mod wire;
