//! The store as a whole: against a plain list of entries, and against crashes and damage.

mod answers;
mod care;
mod crashes;
mod directory;
mod examples;
mod failing;
mod power;
mod reference;
pub(super) mod samples;
mod script;
mod steps;
mod templated;
