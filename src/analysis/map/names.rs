//! Names by number, so that what is counted by name is compared by number.

use hashbrown::HashMap;

/// Names that are told apart. A system has hundreds of services and thousands of
/// operations; more come from values in names that no masking found.
const NAMES_MAX: usize = 20_000;

/// What stands for all names beyond [`NAMES_MAX`].
const OTHERS: &str = "(others)";

/// Names in the order in which they were first seen.
#[derive(Debug, Default)]
pub(super) struct Names {
    names: Vec<String>,
    numbers: HashMap<String, u32>,
}

impl Names {
    /// The number of this name.
    pub(super) fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        if self.names.len() >= NAMES_MAX && name != OTHERS {
            return self.number(OTHERS);
        }
        let number = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }

    /// The name of this number.
    pub(super) fn name(&self, number: u32) -> &str {
        &self.names[number as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_without_end_share_one_number() {
        let mut names = Names::default();
        let first = names.number("first");
        let last = (0..=NAMES_MAX).map(|number| names.number(&format!("n{number}"))).last();
        assert_eq!(names.number("first"), first);
        assert_eq!(last.map(|last| names.name(last)), Some(OTHERS));
    }
}
