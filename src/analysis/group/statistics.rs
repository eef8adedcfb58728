//! The statistics that groups are compared by.
//!
//! All effects are in standard deviations (Cohen, *Statistical Power Analysis for the
//! Behavioral Sciences*, 1988), so that shares and times can be ranked side by side. A share
//! is compared on the arcsine scale, where its variance does not depend on it (Anscombe,
//! *Biometrika* 35, 1948); twice the difference there is Cohen's h.
//!
//! What is usual is not one number: it varies from minute to minute. The reference is cut
//! into blocks as long as the window, and how much the blocks differ among themselves, beyond
//! chance, is part of every error. The centre is their median and their spread the median of
//! the distances from it, so that a block in which something went wrong does not make going
//! wrong usual. A spread of few blocks is itself unsure: it is shrunk towards the usual spread
//! of all features (Smyth, *Limma*, 2004).

/// A measured value and its variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measured {
    pub(super) value: f64,
    pub(super) variance: f64,
}

/// The standard deviation of a normal variable in median absolute deviations.
const DEVIATIONS_OF_MEDIAN: f64 = 1.4826;

/// How many blocks the usual spread of all features weighs. A variance that rests on ten
/// observations is off by a third; one that rests on fewer should not be trusted alone.
const PRIOR_BLOCKS: f64 = 8.0;

/// Fewer blocks have no median that one of them could not move.
const BLOCKS_MIN: usize = 3;

/// A share on the arcsine scale: `part` of `whole`.
pub(super) fn share(part: u32, whole: u32) -> Measured {
    let (part, whole) = (f64::from(part), f64::from(whole));
    Measured {
        value: ((part + 0.375) / (whole + 0.75)).sqrt().asin(),
        variance: 1.0 / (4.0 * whole + 2.0),
    }
}

/// The share at a point of the arcsine scale.
pub(super) fn share_at(value: f64) -> f64 {
    value.sin().powi(2)
}

/// The block medians' centre, and their variance beyond chance; none if there are too few.
pub(super) fn between(blocks: &[Measured]) -> Option<Measured> {
    if blocks.len() < BLOCKS_MIN {
        return None;
    }
    let weight = |block: &Measured| 1.0 / block.variance;
    let centre = weighted_median(blocks.iter().map(|block| (block.value, weight(block))))?;
    let distances = blocks.iter().map(|block| ((block.value - centre).abs(), weight(block)));
    let spread = DEVIATIONS_OF_MEDIAN * weighted_median(distances)?;
    let chance = weighted_median(blocks.iter().map(|block| (block.variance, weight(block))))?;
    Some(Measured { value: centre, variance: (spread * spread - chance).max(0.0) })
}

/// A variance between blocks, shrunk towards the usual one.
pub(super) fn moderated(between: Option<f64>, blocks: usize, usual: f64) -> f64 {
    let Some(between) = between else { return usual };
    let own = blocks.saturating_sub(1) as f64;
    (PRIOR_BLOCKS * usual + own * between) / (PRIOR_BLOCKS + own)
}

/// The variance of the mean of blocks that also vary among themselves by `between`.
pub(super) fn of_mean(blocks: &[Measured], between: f64) -> f64 {
    let precision: f64 = blocks.iter().map(|block| 1.0 / (block.variance + between)).sum();
    if precision > 0.0 { 1.0 / precision } else { f64::INFINITY }
}

/// The median; the lower one of two.
pub(super) fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len().checked_sub(1)? / 2;
    Some(*values.select_nth_unstable_by(middle, f64::total_cmp).1)
}

/// The distance between the quartiles as a standard deviation of a normal variable.
pub(super) fn spread(values: &mut [f64]) -> Option<f64> {
    if values.len() < 4 {
        return None;
    }
    let (low, high) = (values.len() / 4, values.len() * 3 / 4);
    let low = *values.select_nth_unstable_by(low, f64::total_cmp).1;
    let high = *values.select_nth_unstable_by(high, f64::total_cmp).1;
    Some((high - low) / QUARTILES)
}

/// The distance between the quartiles of a normal variable.
const QUARTILES: f64 = 1.349;

fn weighted_median(values: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let mut values: Vec<(f64, f64)> = values.collect();
    values.sort_by(|one, other| one.0.total_cmp(&other.0));
    let half = values.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
    let mut seen = 0.0;
    let found = values.iter().find(|(_, weight)| {
        seen += weight;
        seen >= half
    });
    found.or(values.last()).map(|(value, _)| *value)
}

/// The share of a normal variable beyond `z` on either side.
pub(super) fn p_value(z: f64) -> f64 {
    // Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26; off by at most 1.5e-7.
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let terms = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    let sum = terms.iter().fold(0.0, |sum, term| (sum + term) * t);
    (sum * (-x * x).exp()).clamp(0.0, 1.0)
}

/// How many standard errors an effect must be away from none, so that among `tests` tests
/// one is taken for real by chance in one case of twenty (Bonferroni).
pub(super) fn critical(tests: usize) -> f64 {
    let wanted = 0.05 / tests.max(1) as f64;
    // The approximation of `p_value` ends at 1e-7; beyond it the tail of the normal
    // distribution falls faster than this bound by Mills.
    let (mut low, mut high) = (0.0, 12.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if tail(middle) > wanted { low = middle } else { high = middle }
    }
    high
}

/// Both tails of the normal distribution, right also far out.
fn tail(z: f64) -> f64 {
    if z < 4.0 {
        return p_value(z);
    }
    let density = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    2.0 * density / z * (1.0 - 1.0 / (z * z))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(found: f64, expected: f64, within: f64) {
        assert!((found - expected).abs() <= within, "{found} is not {expected}");
    }

    #[test]
    fn known_points_of_the_normal_distribution() {
        check(p_value(1.96), 0.05, 0.000_1);
        check(critical(1), 1.96, 0.001);
        check(critical(100), 3.481, 0.002);
        check(critical(1_000), 4.056, 0.01);
    }

    #[test]
    fn one_block_that_went_wrong_moves_neither_centre_nor_spread() {
        let usual = [share(1, 100), share(2, 100), share(0, 100), share(1, 100)];
        let with_fault = [&usual[..], &[share(90, 100)]].concat();
        let (calm, shaken) = (between(&usual), between(&with_fault));
        let (calm, shaken) = (calm.expect("four blocks"), shaken.expect("five blocks"));
        check(shaken.value, calm.value, 0.05);
        check(shaken.variance, calm.variance, 0.01);
    }

    #[test]
    fn what_always_varies_has_a_spread() {
        let blocks: Vec<Measured> = [5, 60, 20, 90, 35].map(|part| share(part, 100)).to_vec();
        assert!(between(&blocks).expect("five blocks").variance > 0.03);
        assert_eq!(between(&blocks[..2]), None);
    }

    #[test]
    fn a_share_is_found_again() {
        check(share_at(share(30, 100).value), 0.3, 0.01);
    }

    #[test]
    fn medians_and_spreads() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&mut []), None);
        check(spread(&mut (0..101).map(f64::from).collect::<Vec<_>>()).unwrap_or(0.0), 37.1, 0.5);
    }
}
