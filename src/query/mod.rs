//! The question: words and `field:value` conditions, parsed with places for mistakes.
//!
//! [`parse`](parse::parse) reads what a user typed into a [`Query`](condition::Query), which
//! prints itself so that it parses to the same again; [`fulfils`](matching::fulfils) says
//! whether one entry fulfils one condition. Whoever indexes entries takes the words and
//! values from [`texts`](matching::texts) and [`values`](matching::values), so that an
//! index covers exactly what matching covers.
//!
//! Never: knows how anything is stored.

pub mod condition;
pub mod decimal;
pub mod error;
pub mod level;
pub mod matching;
pub mod names;
pub mod parse;
pub mod print;
pub mod words;
