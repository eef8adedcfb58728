//! A line becomes a record, by the definitions in `parsers/`.
//!
//! [`Definitions`](definition::Definitions) are loaded once; a [`Decoder`](decoder::Decoder)
//! serves one stream. It never fails on a line and never loses one: what no definition
//! understands becomes a record of format `plain`.
//!
//! Inside, a line is cleaned (`clean`), its envelopes are opened one after the other
//! (`decoder`), the text inside is put together with the lines it continues (`joiner`,
//! `open`), and what its time leaves open is closed by what the stream has shown so far
//! (`clock`). `shape` reads a text as JSON, pairs or a pattern; `loader`, `proof` and
//! `embedded` are about the definitions themselves. A document that holds many records is
//! taken apart first (`batch`).

pub mod decoder;
pub mod definition;
pub mod error;
pub mod explain;
pub mod proof;
pub mod zones;

mod batch;
mod chain;
mod clean;
mod clock;
mod draft;
mod embedded;
mod enrich;
mod escape;
mod exception;
mod habits;
mod joiner;
mod json;
mod keys;
mod literal;
mod loader;
mod logfmt;
mod open;
mod outer;
mod severity;
mod shape;
mod tail;
mod template;
mod timestamp;
