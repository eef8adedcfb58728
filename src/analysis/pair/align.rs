//! Two sequences aligned by their longest common subsequence.

use std::collections::BTreeMap;

/// Comparisons that are made at most: more than a few thousand steps on both sides are loops,
/// which are paired by their order alone.
const COMPARISONS_MAX: usize = 4_000_000;

/// One row of an alignment, by places in the two sequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aligned {
    /// In both; moved if the order differs.
    Both { left: usize, right: usize, moved: bool },
    /// In the first only.
    Left(usize),
    /// In the second only.
    Right(usize),
}

/// Aligns two sequences. Rows stand in the order of the first; what only the second has stands
/// where it came in the second.
pub(super) fn align<Key: Ord + Clone>(left: &[Key], right: &[Key]) -> Vec<Aligned> {
    let pairs = common(left, right);
    let moved = moved(left, right, &pairs);
    let mut rows = Vec::with_capacity(left.len() + right.len());
    let (mut one, mut other) = (0, 0);
    let ends = std::iter::once((left.len(), right.len()));
    for (left_end, right_end) in pairs.iter().copied().chain(ends) {
        for place in one..left_end {
            rows.push(match moved.from_left.get(&place) {
                Some(right) => Aligned::Both { left: place, right: *right, moved: true },
                None => Aligned::Left(place),
            });
        }
        let unpaired = (other..right_end).filter(|place| !moved.from_right.contains_key(place));
        rows.extend(unpaired.map(Aligned::Right));
        if left_end < left.len() || right_end < right.len() {
            rows.push(Aligned::Both { left: left_end, right: right_end, moved: false });
        }
        (one, other) = (left_end + 1, right_end + 1);
    }
    rows
}

/// Steps that both have, but not in the same order.
struct Moved {
    from_left: BTreeMap<usize, usize>,
    from_right: BTreeMap<usize, usize>,
}

fn moved<Key: Ord + Clone>(left: &[Key], right: &[Key], pairs: &[(usize, usize)]) -> Moved {
    let (mut paired_left, mut paired_right) = (vec![false; left.len()], vec![false; right.len()]);
    for (one, other) in pairs {
        paired_left[*one] = true;
        paired_right[*other] = true;
    }
    let mut free: BTreeMap<&Key, Vec<usize>> = BTreeMap::new();
    for place in (0..right.len()).rev().filter(|place| !paired_right[*place]) {
        free.entry(&right[place]).or_default().push(place);
    }
    let mut moved = Moved { from_left: BTreeMap::new(), from_right: BTreeMap::new() };
    for place in (0..left.len()).filter(|place| !paired_left[*place]) {
        if let Some(other) = free.get_mut(&left[place]).and_then(Vec::pop) {
            moved.from_left.insert(place, other);
            moved.from_right.insert(other, place);
        }
    }
    moved
}

/// The places of a longest common subsequence. The equal beginning and end are taken first:
/// most requests of one kind differ in the middle.
fn common<Key: Ord>(left: &[Key], right: &[Key]) -> Vec<(usize, usize)> {
    let head = left.iter().zip(right).take_while(|(one, other)| one == other).count();
    let (rest, others) = (&left[head..], &right[head..]);
    let tails = rest.iter().rev().zip(others.iter().rev());
    let tail = tails.take_while(|(one, other)| one == other).count();
    let (inner, inners) = (&rest[..rest.len() - tail], &others[..others.len() - tail]);
    let mut pairs: Vec<(usize, usize)> = (0..head).map(|place| (place, place)).collect();
    let middle = if inner.len().saturating_mul(inners.len()) <= COMPARISONS_MAX {
        longest(inner, inners)
    } else {
        Vec::new()
    };
    pairs.extend(middle.into_iter().map(|(one, other)| (one + head, other + head)));
    pairs.extend((0..tail).map(|place| (left.len() - tail + place, right.len() - tail + place)));
    pairs
}

/// The longest common subsequence by the table of all beginnings.
fn longest<Key: Ord>(left: &[Key], right: &[Key]) -> Vec<(usize, usize)> {
    let width = right.len() + 1;
    let mut lengths = vec![0_u32; (left.len() + 1) * width];
    for one in (0..left.len()).rev() {
        for other in (0..right.len()).rev() {
            lengths[one * width + other] = if left[one] == right[other] {
                lengths[(one + 1) * width + other + 1] + 1
            } else {
                lengths[(one + 1) * width + other].max(lengths[one * width + other + 1])
            };
        }
    }
    let (mut one, mut other) = (0, 0);
    let mut pairs = Vec::new();
    while one < left.len() && other < right.len() {
        if left[one] == right[other] {
            pairs.push((one, other));
            (one, other) = (one + 1, other + 1);
        } else if lengths[(one + 1) * width + other] >= lengths[one * width + other + 1] {
            one += 1;
        } else {
            other += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Rows as text: `a` in both, `a~` moved, `-a` in the first only, `+a` in the second only.
    #[track_caller]
    fn check(left: &str, right: &str, expected: &str) {
        let (one, other): (Vec<char>, Vec<char>) =
            (left.chars().collect(), right.chars().collect());
        let rows: Vec<String> = align(&one, &other)
            .into_iter()
            .map(|row| match row {
                Aligned::Both { left, moved: false, .. } => one[left].to_string(),
                Aligned::Both { left, .. } => format!("{}~", one[left]),
                Aligned::Left(place) => format!("-{}", one[place]),
                Aligned::Right(place) => format!("+{}", other[place]),
            })
            .collect();
        assert_eq!(rows.join(" "), expected);
    }

    #[test]
    fn what_both_have_stands_in_one_row() {
        check("abc", "abc", "a b c");
        check("abc", "ac", "a -b c");
        check("ac", "abc", "a +b c");
        check("abc", "axc", "a -b +x c");
        check("", "ab", "+a +b");
    }

    #[test]
    fn another_order_is_told() {
        check("abcd", "acbd", "a b~ c d");
    }

    proptest! {
        #[test]
        fn every_step_is_in_exactly_one_row(left in "[a-d]{0,12}", right in "[a-d]{0,12}") {
            let one: Vec<char> = left.chars().collect();
            let other: Vec<char> = right.chars().collect();
            let (mut lefts, mut rights) = (Vec::new(), Vec::new());
            for row in align(&one, &other) {
                match row {
                    Aligned::Both { left, right, .. } => {
                        prop_assert_eq!(one[left], other[right]);
                        lefts.push(left);
                        rights.push(right);
                    }
                    Aligned::Left(place) => lefts.push(place),
                    Aligned::Right(place) => rights.push(place),
                }
            }
            rights.sort_unstable();
            prop_assert_eq!(lefts, (0..one.len()).collect::<Vec<_>>());
            prop_assert_eq!(rights, (0..other.len()).collect::<Vec<_>>());
        }
    }
}
