//! The likeliest caller of each span, by what was learned of calls.
//!
//! For each span the spans that may have called it are weighed against each other and
//! against nobody; the weights add up to one, so that the weight of the likeliest is how sure
//! the choice is. The surest choices are made first, and none may close a circle.

use std::collections::{BTreeMap, HashMap};

use crate::model::place::Place;
use crate::trace::calls::Calls;
use crate::trace::forest::Roots;
use crate::trace::relation::Relation;
use crate::trace::skeleton::Bone;

/// Lines before a span's beginning that are looked at for its caller, and spans they may name.
const LINES_BEFORE: usize = 256;
const SPANS_BEFORE: usize = 24;

/// The same after its beginning, where a caller's first lines were lost.
const LINES_AFTER: usize = 64;
const SPANS_AFTER: usize = 8;

/// Spans of each operation known to call it that are looked at, wherever they spoke.
const KNOWN_MAX: usize = 4;

/// Pairs of spans of one request that are weighed: what is looked at for each span of a very
/// large request is cut down to it, so that none takes longer than some seconds.
const PAIRS_MAX: usize = 4_000_000;

/// Candidates that are looked at for each span, however large the request is.
const SPANS_LEAST: usize = 4;

/// The likeliest callers of a span that are kept: those behind them hardly ever get their turn.
const OPTIONS_MAX: usize = 4;

/// A share of calls counts with this power: an operation is called from few others, and what
/// looks like a rare caller is mostly a bystander of a frequent one whose lines were lost.
const HABIT: i32 = 2;

/// How much rarer it is that an operation calls itself than another: what seems to is mostly
/// the next or the parallel call of their common caller.
const RECURSION: f64 = 0.1;

/// That a request begins once more is as likely as one in this many.
const AGAIN: f64 = 1e-3;

/// Who called a span, and how sure that is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Choice {
    /// The caller; none for a span that nobody called.
    pub(super) parent: Option<usize>,
    /// The weight of this choice among all, 0 to 1.
    pub(super) confidence: f64,
}

/// The spans of a request that may have called one of them.
pub(super) struct Candidates<'a> {
    bones: &'a [Bone],
    /// All lines in time order.
    spoken: Vec<(i64, usize)>,
    /// The spans of each operation by when they began.
    begun: HashMap<Place, Vec<(i64, usize)>>,
    /// Spans before and after that are looked at for each.
    most: (usize, usize),
}

impl<'a> Candidates<'a> {
    pub(super) fn of(bones: &'a [Bone]) -> Self {
        let lines =
            |(index, bone): (usize, &'a Bone)| bone.lines.iter().map(move |line| (line.0, index));
        let mut spoken: Vec<(i64, usize)> = bones.iter().enumerate().flat_map(lines).collect();
        spoken.sort_unstable();
        let mut begun: HashMap<Place, Vec<(i64, usize)>> = HashMap::new();
        for (index, bone) in bones.iter().enumerate() {
            begun.entry(bone.operation).or_default().push((bone.start, index));
        }
        for spans in begun.values_mut() {
            spans.sort_unstable();
        }
        let share = PAIRS_MAX / bones.len().max(1);
        let before = SPANS_BEFORE.min(share.max(SPANS_LEAST));
        let after = SPANS_AFTER.min(share / SPANS_LEAST);
        Self { bones, spoken, begun, most: (before, after) }
    }

    /// The spans that may have called `child`, in no order of meaning, each once.
    pub(super) fn callers(&self, child: usize, calls: &Calls) -> Vec<usize> {
        let start = self.bones[child].start;
        let now = self.spoken.partition_point(|line| line.0 <= start);
        let (most_before, most_after) = self.most;
        let mut found = Vec::with_capacity(most_before + most_after);
        let mut take = |span: usize, at_most: usize| {
            if span != child && found.len() < at_most && !found.contains(&span) {
                found.push(span);
            }
        };
        let before = &self.spoken[now.saturating_sub(LINES_BEFORE)..now];
        before.iter().rev().for_each(|line| take(line.1, most_before));
        let after = &self.spoken[now..self.spoken.len().min(now + LINES_AFTER)];
        for (_, span) in after {
            if self.bones[*span].start > start {
                take(*span, most_before + most_after);
            }
        }
        self.bones[child].parent.into_iter().for_each(|parent| take(parent, usize::MAX));
        for operation in calls.callers(self.bones[child].operation) {
            let Some(begun) = self.begun.get(&operation) else { continue };
            let now = begun.partition_point(|span| span.0 <= start);
            let near = &begun[now.saturating_sub(KNOWN_MAX)..now];
            for (_, span) in near {
                take(*span, usize::MAX);
            }
        }
        found
    }
}

/// Chooses a caller for each span that the logs give none; none where nothing is known of
/// its operation.
pub(super) fn choose(bones: &[Bone], calls: &Calls) -> Vec<Option<Choice>> {
    let candidates = Candidates::of(bones);
    let open = |index: &usize| !bones[*index].settled && calls.knows(bones[*index].operation);
    // A parent that logged nothing is no bone, but a circle may close through it.
    let known = |index: usize| {
        if open(&index) { None } else { bones[index].parent.or(bones[index].above) }
    };
    let mut roots = Roots::over((0..bones.len()).map(known));
    let mut weighed = Vec::new();
    for child in (0..bones.len()).filter(open) {
        let mut callers = candidates.callers(child, calls);
        callers.retain(|caller| roots.above(*caller) != child);
        weighed.push(weigh(bones, child, &callers, calls));
    }
    let elsewhere = (0..bones.len()).any(|index| bones[index].parent.is_none() && !open(&index));
    begin_once(&mut weighed, elsewhere);
    weighed.sort_by(|one, other| {
        other.lead.total_cmp(&one.lead).then_with(|| one.child.cmp(&other.child))
    });
    let mut choices = vec![None; bones.len()];
    for one in weighed {
        let mut free = one
            .options
            .iter()
            .filter(|option| option.parent.is_none_or(|parent| roots.above(parent) != one.child));
        let Some(option) = free.next() else { continue };
        choices[one.child] = Some(*option);
        if let Some(parent) = option.parent {
            roots.hang(one.child, parent);
        }
    }
    choices
}

/// A request begins once, with the span that would most gladly be its beginning. That any
/// other is one as well becomes unlikely.
fn begin_once(weighed: &mut [Weighed], elsewhere: bool) {
    let first = weighed.iter().enumerate().max_by(|(_, one), (_, other)| {
        one.beginning().total_cmp(&other.beginning()).then(other.child.cmp(&one.child))
    });
    let first = first.map(|(index, _)| index).filter(|_| !elsewhere);
    for (index, one) in weighed.iter_mut().enumerate() {
        one.favour_nobody(if Some(index) == first { 1.0 / AGAIN } else { AGAIN });
    }
}

/// The possible callers of a span, likeliest first.
struct Weighed {
    child: usize,
    options: Vec<Choice>,
    /// The weight of what is not among them.
    rest: f64,
    /// By how much the likeliest outweighs the next.
    lead: f64,
}

impl Weighed {
    /// How much likelier it is that nobody called this span than that the likeliest caller did.
    fn beginning(&self) -> f64 {
        let nobody = self.options.iter().find(|option| option.parent.is_none());
        let caller = self.options.iter().find(|option| option.parent.is_some());
        nobody.map_or(0.0, |nobody| nobody.confidence)
            / caller.map_or(0.0, |caller| caller.confidence).max(f64::MIN_POSITIVE)
    }

    /// Forgets the callers that hardly ever get their turn. Nobody stays.
    fn cut(&mut self) {
        let mut callers = 0;
        let mut forgotten = 0.0;
        self.options.retain(|option| {
            callers += usize::from(option.parent.is_some());
            let stays = option.parent.is_none() || callers <= OPTIONS_MAX;
            forgotten += if stays { 0.0 } else { option.confidence };
            stays
        });
        self.options.shrink_to_fit();
        self.rest += forgotten;
    }

    fn favour_nobody(&mut self, factor: f64) {
        for option in &mut self.options {
            if option.parent.is_none() {
                option.confidence *= factor;
            }
        }
        self.settle();
    }

    /// Makes the weights add up to one, and puts the likeliest first.
    fn settle(&mut self) {
        let total: f64 = self.options.iter().map(|option| option.confidence).sum();
        let total = (total + self.rest).max(f64::MIN_POSITIVE);
        self.rest /= total;
        for option in &mut self.options {
            option.confidence /= total;
        }
        self.options.sort_by(|one, other| {
            other.confidence.total_cmp(&one.confidence).then(other.parent.cmp(&one.parent))
        });
        self.lead =
            self.options[0].confidence - self.options.get(1).map_or(0.0, |next| next.confidence);
    }
}

fn weigh(bones: &[Bone], child: usize, callers: &[usize], calls: &Calls) -> Weighed {
    let operation = bones[child].operation;
    let mut present: BTreeMap<Place, usize> = BTreeMap::new();
    for caller in callers {
        *present.entry(bones[*caller].operation).or_default() += 1;
    }
    let mut options: Vec<Choice> = callers
        .iter()
        .map(|caller| {
            let bone = &bones[*caller];
            let share = calls.call_share(bone.operation, operation, present.len()).powi(HABIT);
            let relation = Relation::of(bone, &bones[child]);
            let odds = calls.odds(bone.operation, operation, relation);
            let own = if bone.operation == operation { RECURSION } else { 1.0 };
            let weight = share / present[&bone.operation] as f64 * odds * own;
            Choice { parent: Some(*caller), confidence: weight }
        })
        .collect();
    let nobody = calls.root_share(operation, present.len()).powi(HABIT);
    options.push(Choice { parent: None, confidence: nobody });
    let mut weighed = Weighed { child, options, rest: 0.0, lead: 0.0 };
    weighed.settle();
    weighed.cut();
    weighed
}
