//! JSON definitions are told apart by the keys an object has.

use std::collections::HashMap;

use crate::decode::json::{Members, Scalar};
use crate::decode::keys::Keys;

/// More required keys than any definition needs; they are counted in the bits of a word.
pub(in crate::decode) const REQUIRED_MAX: usize = 31;

/// Which objects a definition takes, and what their keys mean.
#[derive(Debug, Default)]
pub(in crate::decode) struct JsonShape {
    /// Keys that must all be there.
    pub(in crate::decode) require: Vec<String>,
    /// Keys that must be there with a number as value.
    pub(in crate::decode) numbers: Vec<String>,
    /// Keys none of which may be there.
    pub(in crate::decode) refuse: Vec<String>,
    /// What the keys mean.
    pub(in crate::decode) keys: Keys,
}

impl JsonShape {
    /// Whether it takes any object.
    pub(in crate::decode) const fn is_open(&self) -> bool {
        self.require.is_empty() && self.numbers.is_empty()
    }

    /// The keys by which it knows its objects.
    pub(in crate::decode) fn told(&self) -> String {
        self.require.iter().chain(&self.numbers).cloned().collect::<Vec<_>>().join(", ")
    }

    /// Whether an object with these members is of this shape.
    pub(in crate::decode) fn takes(&self, members: &Members<'_>) -> bool {
        let mut table = JsonTable::default();
        table.add(0, self);
        table.find(members, &mut Vec::new(), |_| true).is_some()
    }
}

/// What the presence of a key means for a definition.
#[derive(Debug, Clone, Copy)]
enum Demand {
    Present(u32),
    Number(u32),
    Refused,
}

/// Set for a definition that an object cannot be of.
const REFUSED: u32 = 1 << 31;

/// Finds the definition of an object in one pass over its members.
#[derive(Debug, Default)]
pub(in crate::decode) struct JsonTable {
    demands: HashMap<String, Vec<(usize, Demand)>, foldhash::fast::RandomState>,
    /// For each definition its index among all, and the bits of its required keys.
    rows: Vec<(usize, u32)>,
}

impl JsonTable {
    /// Adds a definition; those added first are asked first.
    pub(in crate::decode) fn add(&mut self, definition: usize, shape: &JsonShape) {
        let row = self.rows.len();
        let mut bits = 0;
        let mut next = 1;
        let present = shape.require.iter().map(|key| (key, false));
        for (key, number) in present.chain(shape.numbers.iter().map(|key| (key, true))) {
            let demand = if number { Demand::Number(next) } else { Demand::Present(next) };
            self.demands.entry(key.clone()).or_default().push((row, demand));
            bits |= next;
            next <<= 1;
        }
        for key in &shape.refuse {
            self.demands.entry(key.clone()).or_default().push((row, Demand::Refused));
        }
        self.rows.push((definition, bits));
    }

    /// The first definition that takes an object with these members and is `wanted`;
    /// `found` is working space that is kept between calls.
    pub(in crate::decode) fn find(
        &self,
        members: &Members<'_>,
        found: &mut Vec<u32>,
        wanted: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        found.clear();
        found.resize(self.rows.len(), 0);
        for (name, value) in members {
            let Some(demands) = self.demands.get(name.as_ref()) else { continue };
            for (row, demand) in demands {
                found[*row] |= match demand {
                    Demand::Number(_) if !matches!(value, Scalar::Number(_)) => 0,
                    Demand::Present(bit) | Demand::Number(bit) => *bit,
                    Demand::Refused => REFUSED,
                };
            }
        }
        let rows = self.rows.iter().zip(found.iter());
        rows.filter(|((_, bits), found)| *found == bits)
            .map(|((definition, _), _)| *definition)
            .find(|definition| wanted(*definition))
    }
}
