//! A request's entries gathered into spans that have no place in the tree yet.
//!
//! A span id names a span within one service: two services that log the same id (B3 lets
//! the two sides of a call share it) make two spans. An entry without a span id joins the
//! span of its instance that was open around it; where its instance has none at all, all
//! such entries of the instance form one span with a synthetic id.
//!
//! Invariant: every entry is in exactly one draft.

use std::collections::BTreeMap;
use std::hash::Hasher;

use hashbrown::HashMap;
use twox_hash::XxHash3_64;

use crate::model::entry::{Entry, Key};
use crate::model::id::{SpanId, TraceId};
use crate::model::notice::Notice;
use crate::model::span::{Edge, EdgeBasis, ExtentBasis, Span, SpanIndex};
use crate::model::time::Timestamp;

/// How many spans of its instance that began before an entry are looked at for its home:
/// an instance rarely works on a dozen spans of one request at once.
const NEIGHBOURS_MAX: usize = 64;

/// Different parents that the entries of one span state, as far as they are told: two are a
/// contradiction, hundreds say no more.
const PARENTS_MAX: usize = 8;

/// A span in the making.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// The span as far as it is known.
    pub(super) span: Span,
    /// Its entries in their own order, as indexes.
    pub(super) entries: Vec<usize>,
    /// The parents that its entries state, each with the first entry that does.
    pub(super) stated_parents: Vec<(SpanId, usize)>,
    /// Its edge; drafts are named by their index here.
    pub(super) parent: Edge,
    /// What it stems from as well.
    pub(super) links: Vec<Tie>,
}

/// What a draft stems from beside its parent.
#[derive(Debug, Clone)]
pub(super) struct Tie {
    pub(super) from: TiedTo,
    /// The message that both name, if that is how it is known.
    pub(super) key: Option<Key>,
    pub(super) confidence: f32,
    /// The entries that show it.
    pub(super) evidence: Vec<usize>,
}

/// Another draft, or what the logs hold no line of.
#[derive(Debug, Clone, Copy)]
pub(super) enum TiedTo {
    Draft(usize),
    Elsewhere(TraceId, Option<SpanId>),
}

/// A request whose spans are being put together.
#[derive(Debug)]
pub(super) struct Drafts {
    /// Its entries, in order of path and position.
    pub(super) entries: Vec<Entry>,
    /// Their times by corrected clocks.
    pub(super) times: Vec<Option<Timestamp>>,
    /// Its spans.
    pub(super) spans: Vec<Draft>,
    /// For each span whether its place was still open when inference began.
    pub(super) open: Vec<bool>,
    /// What had to be mended.
    pub(super) notices: Vec<Notice>,
}

impl Drafts {
    /// Adds another stretch of the same request, whose spans have nothing to do with these.
    pub(super) fn join(&mut self, later: Self) {
        let (entries, spans) = (self.entries.len(), self.spans.len());
        self.entries.extend(later.entries);
        self.times.extend(later.times);
        self.open.extend(later.open);
        self.spans.extend(later.spans.into_iter().map(|mut draft| {
            draft.entries.iter_mut().for_each(|entry| *entry += entries);
            draft.stated_parents.iter_mut().for_each(|(_, entry)| *entry += entries);
            draft.parent.parent = draft.parent.parent.map(|parent| SpanIndex(parent.0 + spans));
            draft.parent.evidence.iter_mut().for_each(|entry| *entry += entries);
            for tie in &mut draft.links {
                if let TiedTo::Draft(from) = &mut tie.from {
                    *from += spans;
                }
                tie.evidence.iter_mut().for_each(|entry| *entry += entries);
            }
            draft
        }));
        self.notices.extend(later.notices.into_iter().map(|mut notice| {
            notice.lines_mut().iter_mut().for_each(|entry| *entry += entries);
            notice
        }));
    }
}

impl Draft {
    /// A span of which nothing but its id and owner is known.
    pub(super) fn new(id: SpanId, synthetic: bool, service: &str) -> Self {
        let parent =
            Edge { parent: None, basis: EdgeBasis::Root, confidence: 1.0, evidence: Vec::new() };
        Self {
            span: Span {
                id,
                synthetic,
                service: service.to_owned(),
                instance: None,
                host: None,
                name: String::new(),
                kind: None,
                status: None,
                peer: None,
                start: None,
                end: None,
                clock_offset: 0,
                extent: ExtentBasis::Children,
                parent: parent.clone(),
            },
            entries: Vec::new(),
            stated_parents: Vec::new(),
            parent,
            links: Vec::new(),
        }
    }
}

/// Gathers entries, which stand in order of path and position, into drafts. `times` are the
/// entries' times by corrected clocks.
pub(super) fn fold(id: TraceId, entries: &[Entry], times: &[Option<Timestamp>]) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut named: HashMap<(SpanId, &str), usize> = HashMap::new();
    let mut unnamed: BTreeMap<Owner<'_>, Vec<usize>> = BTreeMap::new();
    for (index, entry) in entries.iter().enumerate() {
        let Some(span_id) = entry.context.span_id else {
            unnamed.entry(Owner::of(entry)).or_default().push(index);
            continue;
        };
        let service = entry.context.service.as_str();
        let draft = *named.entry((span_id, service)).or_insert_with(|| {
            drafts.push(Draft::new(span_id, false, service));
            drafts.len() - 1
        });
        add(&mut drafts[draft], index, entry);
    }
    for draft in &mut drafts {
        sort_by_time(draft, times);
        super::extent::from_entries(draft, entries, times);
    }
    for (owner, indexes) in unnamed {
        place_unnamed(id, owner, &indexes, (entries, times), &mut drafts);
    }
    drafts
}

/// Who wrote an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Owner<'a> {
    service: &'a str,
    instance: Option<&'a str>,
}

impl<'a> Owner<'a> {
    fn of(entry: &'a Entry) -> Self {
        Self { service: &entry.context.service, instance: entry.context.instance.as_deref() }
    }

    fn owns(self, draft: &Draft) -> bool {
        draft.span.service == self.service && draft.span.instance.as_deref() == self.instance
    }
}

fn add(draft: &mut Draft, index: usize, entry: &Entry) {
    let context = &entry.context;
    draft.entries.push(index);
    if draft.span.instance.is_none() {
        draft.span.instance.clone_from(&context.instance);
    }
    if draft.span.host.is_none() {
        draft.span.host.clone_from(&context.host);
    }
    let Some(parent) = context.parent_span_id else { return };
    let known = &mut draft.stated_parents;
    if known.len() < PARENTS_MAX && known.iter().all(|(other, _)| *other != parent) {
        known.push((parent, index));
    }
}

/// Entries of one owner without a span id: into the spans that were open, else one span for all.
fn place_unnamed(
    id: TraceId,
    owner: Owner<'_>,
    indexes: &[usize],
    (entries, times): (&[Entry], &[Option<Timestamp>]),
    drafts: &mut Vec<Draft>,
) {
    let mut own: Vec<usize> =
        (0..drafts.len()).filter(|draft| owner.owns(&drafts[*draft])).collect();
    own.sort_by_key(|draft| drafts[*draft].span.start);
    if own.is_empty() {
        let mut draft = Draft::new(synthetic_id(id, owner), true, owner.service);
        for index in indexes {
            add(&mut draft, *index, &entries[*index]);
        }
        sort_by_time(&mut draft, times);
        super::extent::from_entries(&mut draft, entries, times);
        drafts.push(draft);
        return;
    }
    for index in indexes {
        let time = times[*index];
        let began = own.partition_point(|draft| drafts[*draft].span.start <= time);
        let near = began.saturating_sub(NEIGHBOURS_MAX)..own.len().min(began + 1);
        let home = own[near]
            .iter()
            .copied()
            .min_by_key(|draft| distance(&drafts[*draft].span, time))
            .unwrap_or(own[0]);
        add(&mut drafts[home], *index, &entries[*index]);
    }
    for draft in own {
        sort_by_time(&mut drafts[draft], times);
    }
}

/// How far a span is from an entry in time, then how wide it is: the innermost open span is nearest.
fn distance(span: &Span, time: Option<Timestamp>) -> (i64, i64) {
    let (Some(start), Some(end), Some(time)) = (span.start, span.end, time) else {
        return (i64::MAX, 0);
    };
    let outside = if time < start {
        start - time
    } else if time > end {
        time - end
    } else {
        0
    };
    (outside, end - start)
}

fn sort_by_time(draft: &mut Draft, times: &[Option<Timestamp>]) {
    // Stable: entries with one time, or none, stay in the order of their file.
    let mut last = None;
    let keys: HashMap<usize, Option<Timestamp>> = draft
        .entries
        .iter()
        .map(|index| {
            last = times[*index].or(last);
            (*index, last)
        })
        .collect();
    draft.entries.sort_by_key(|index| keys[index]);
}

/// The id of a span that the logs do not name: the same for the same request and owner.
fn synthetic_id(id: TraceId, owner: Owner<'_>) -> SpanId {
    let mut hasher = XxHash3_64::new();
    hasher.write(&id.value().to_le_bytes());
    hasher.write(owner.service.as_bytes());
    hasher.write(&[0]);
    hasher.write(owner.instance.unwrap_or_default().as_bytes());
    SpanId::new(hasher.finish().max(1)).expect("a number of at least 1 is not zero")
}
