//! The question: words and `field:value` conditions, parsed with places for mistakes.
//!
//! Never: knows how anything is stored.

pub mod condition;
