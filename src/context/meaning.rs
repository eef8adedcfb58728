//! What the name of a field means, remembered for each stream.
//!
//! A stream has few names and very many fields, so each name is judged once.

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use crate::context::key_name::{self, KeyName};
use crate::context::role::{self, Role};
use crate::context::{attribute, operation_part, service};

/// A stream with more names than this makes them from data; they are judged each time.
const NAMES_MAX: usize = 4096;

/// All that a field's name may mean.
#[derive(Debug, Default)]
pub(super) struct Meaning {
    pub(super) role: Option<Role>,
    pub(super) service: Option<service::Part>,
    pub(super) operation: Option<operation_part::Part>,
    pub(super) key: Option<KeyName>,
    /// What the value is by OpenTelemetry's conventions.
    pub(super) attributes: &'static [attribute::Naming],
    /// Whether the value may be a text that names trace context itself.
    pub(super) may_mention: bool,
    /// Whether the value is text in which identifiers stand: a path, an address, an error.
    pub(super) is_text: bool,
}

/// Judges a name.
fn judge(name: &str) -> Meaning {
    let role = role::role(name);
    let is_context = role.is_some_and(|role| !matches!(role, Role::BareId | Role::Request));
    let operation = operation_part::part(name);
    Meaning {
        role,
        service: service::part(name),
        operation,
        key: if is_context { None } else { key_name::of_field(name) },
        attributes: attribute::of(name),
        may_mention: role.is_none() && !role::is_link(name) && !name.starts_with("exception."),
        is_text: operation == Some(operation_part::Part::Target) || name == "exception.message",
    }
}

/// The meanings of a stream's names.
#[derive(Debug, Default)]
pub(super) struct Meanings {
    known: HashMap<Box<str>, Meaning, RandomState>,
    /// The last name that had no place among the known ones.
    passing: Meaning,
}

impl Meanings {
    /// What this name means.
    pub(super) fn of(&mut self, name: &str) -> &Meaning {
        if !self.known.contains_key(name) {
            let meaning = judge(name);
            if self.known.len() >= NAMES_MAX {
                self.passing = meaning;
                return &self.passing;
            }
            self.known.insert(name.into(), meaning);
        }
        self.known.get(name).unwrap_or(&self.passing)
    }
}
