//! The stages put in a row: ingest on the way in, answer on the way out.
//!
//! Never: does a stage's work itself.

mod adoption;
pub mod answer;
pub mod around;
pub mod chosen;
pub mod columns;
mod continued;
mod counted;
pub mod explain;
pub mod facets;
mod gathering;
pub mod groups;
pub mod ingest;
pub mod join;
pub mod kin;
mod known;
mod lane;
pub mod ledger;
pub mod lesson;
pub mod live;
mod pace;
pub mod many;
pub mod retention;
pub mod search;
pub mod pasted;
pub mod placed;
mod stream;
mod teacher;
mod surroundings;
