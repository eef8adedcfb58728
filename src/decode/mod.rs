//! A line becomes a record, by the definitions in `parsers/`.
//!
//! [`Definitions`](definition::Definitions) are loaded once; a [`Decoder`](decoder::Decoder)
//! serves one stream. It never fails on a line and never loses one: what no definition
//! understands becomes a record of format `plain`.
