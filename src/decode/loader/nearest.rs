//! Finds the word that was probably meant.

/// The known word that differs in the fewest letters; none if all differ in many.
pub(super) fn nearest(word: &str, known: &'static [&'static str]) -> Option<&'static str> {
    let distances = known.iter().map(|known| (distance(word, known), *known));
    distances
        .min()
        .filter(|(distance, known)| *distance <= known.len().max(3) / 2)
        .map(|best| best.1)
}

/// Letters to insert, remove or replace to get from one word to the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in one.bytes().take(64).enumerate() {
        let mut before = row[0];
        row[0] = index + 1;
        for (column, wanted) in other.bytes().enumerate() {
            let replaced = before + usize::from(letter != wanted);
            before = row[column + 1];
            row[column + 1] = replaced.min(before + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found_only_if_it_is_near() {
        const KEYS: &[&str] = &["name", "require", "refuse"];
        assert_eq!(nearest("reqire", KEYS), Some("require"));
        assert_eq!(nearest("zzzzzzzz", KEYS), None);
    }
}
