//! The store as a whole: against a plain list of entries, and against crashes and damage.

mod answers;
mod crashes;
mod directory;
mod examples;
mod reference;
pub(super) mod samples;
mod templated;
