//! The question: what is asked of lines and requests, parsed with places for mistakes.
//!
//! [`parse`](parse::parse) reads what a user typed into a [`Question`](question::Question),
//! which prints itself so that it parses to the same again; [`fulfils`](matching::fulfils)
//! says whether one entry fulfils one condition. Whoever indexes entries takes the words and
//! values from [`texts`](matching::texts) and [`values`](matching::values), so that an
//! index covers exactly what matching covers.
//!
//! Never: knows how anything is stored.

pub mod boolean;
pub mod condition;
pub mod decimal;
pub mod error;
pub mod facet;
pub mod judge;
pub mod length;
pub mod level;
mod lexer;
pub mod matching;
pub mod names;
pub mod necessary;
pub mod parse;
pub mod print;
pub mod question;
pub mod regular;
pub mod template;
pub mod truth;
pub mod words;
