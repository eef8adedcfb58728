//! The traffic of the shop: requests arrive, walk through services, and leave lines in order of time.

use std::io::{self, Write};

use crate::dialect::{Context, Statement, Writer};
use crate::random::Random;
use crate::template::{Facts, Level, Service, Template, services};

/// Monday, 2 March 2026, 08:00 UTC, in microseconds since the epoch.
const START: u64 = 1_772_438_400_000_000;

/// Requests arrive this far apart on average, in microseconds: about 500 a second.
const ARRIVAL: u64 = 2_000;

/// How many idle lines stand beside a thousand lines of requests: 5 % of all.
const IDLE_PER_MILLE: u64 = 53;

/// How many of a thousand spans fail: about 2 % of requests do, at seven spans each.
const FAILURES_PER_MILLE: u64 = 3;

/// Lines are kept back until this many bytes wait: memory stays flat, and sorting is cheap.
const PENDING_BYTES: usize = 4 << 20;

/// What a request can do: each step is a service and the step that calls it.
const ROUTES: [&[(&str, usize)]; 8] = [
    &[
        ("gateway", 0),
        ("checkout", 0),
        ("cart", 1),
        ("pricing", 1),
        ("inventory", 1),
        ("payment", 1),
        ("orders", 1),
        ("notification", 6),
    ],
    &[
        ("gateway", 0),
        ("orders", 0),
        ("customer", 1),
        ("inventory", 1),
        ("shipping", 1),
        ("notification", 1),
        ("shipping", 4),
    ],
    &[
        ("gateway", 0),
        ("search", 0),
        ("catalogue", 1),
        ("pricing", 1),
        ("inventory", 1),
        ("catalogue", 2),
    ],
    &[("gateway", 0), ("catalogue", 0), ("pricing", 1), ("inventory", 1), ("search", 1)],
    &[
        ("gateway", 0),
        ("cart", 0),
        ("catalogue", 1),
        ("pricing", 1),
        ("customer", 1),
        ("inventory", 2),
    ],
    &[
        ("gateway", 0),
        ("customer", 0),
        ("orders", 1),
        ("cart", 1),
        ("notification", 1),
        ("search", 1),
    ],
    &[
        ("gateway", 0),
        ("payment", 0),
        ("orders", 1),
        ("customer", 1),
        ("notification", 2),
        ("shipping", 2),
    ],
    &[
        ("gateway", 0),
        ("checkout", 0),
        ("cart", 1),
        ("pricing", 2),
        ("inventory", 2),
        ("customer", 1),
        ("shipping", 1),
    ],
];

/// What was generated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    /// Bytes written.
    pub(crate) bytes: u64,
    /// Statements written; with stack traces of several lines there are more lines.
    pub(crate) statements: u64,
    /// Statements that belong to no request.
    pub(crate) idle: u64,
    /// Requests.
    pub(crate) traces: u64,
}

/// The names of the services, in the order in which [`generate`] wants their outputs.
pub(crate) fn service_names() -> Vec<&'static str> {
    services().iter().map(|service| service.name).collect()
}

/// Writes about `bytes` bytes (at most one request more) to one output for each service.
///
/// # Errors
/// When an output cannot be written.
pub(crate) fn generate<W: Write>(seed: u64, bytes: u64, outputs: &mut [W]) -> io::Result<Totals> {
    let services = services();
    let mut traffic = Traffic::new(&services, seed);
    let mut written = 0;
    while written + traffic.pending_bytes() < bytes {
        traffic.request();
        if traffic.pending_bytes() >= PENDING_BYTES as u64 {
            // No later request has a line before its own arrival.
            written += traffic.flush(traffic.now, outputs)?;
        }
    }
    written += traffic.flush(u64::MAX, outputs)?;
    Ok(Totals { bytes: written, ..traffic.totals })
}

/// Lines of one service that are not yet written.
#[derive(Debug, Default)]
struct Pending {
    bytes: Vec<u8>,
    /// Time, then start and end in `bytes`.
    lines: Vec<(u64, usize, usize)>,
}

struct Traffic<'a> {
    services: &'a [Service],
    /// The routes with services found by their place in `services`.
    routes: Vec<Vec<(usize, usize)>>,
    writer: Writer,
    pending: Vec<Pending>,
    now: u64,
    totals: Totals,
}

impl<'a> Traffic<'a> {
    fn new(services: &'a [Service], seed: u64) -> Self {
        let place = |name: &str| {
            let found = services.iter().position(|service| service.name == name);
            found.expect("routes name services of templates.txt")
        };
        let routes = ROUTES
            .iter()
            .map(|route| route.iter().map(|&(name, caller)| (place(name), caller)).collect())
            .collect();
        Self {
            services,
            routes,
            writer: Writer::new(Random::new(seed)),
            pending: services.iter().map(|_| Pending::default()).collect(),
            now: START,
            totals: Totals::default(),
        }
    }

    fn pending_bytes(&self) -> u64 {
        self.pending.iter().map(|pending| pending.bytes.len() as u64).sum()
    }

    /// One request: its spans begin one after the other, talk, and end with the call tree.
    fn request(&mut self) {
        let random = &mut self.writer.random;
        self.now += random.below(2 * ARRIVAL);
        let facts = Facts::draw(random);
        let trace = [random.bits() | 1 << 63, random.bits()];
        let route = random.below(self.routes.len() as u64) as usize;
        let steps = self.routes[route].clone();
        let mut spans: Vec<u64> = Vec::with_capacity(steps.len());
        let mut time = self.now;
        for (step, &(service, caller)) in steps.iter().enumerate() {
            let span = self.writer.random.bits();
            let parent = (step > 0).then(|| spans[caller]);
            spans.push(span);
            let context = Context { trace, span, parent };
            time = self.begin(service, time, context, &facts);
        }
        for (step, &(service, caller)) in steps.iter().enumerate().rev() {
            let parent = (step > 0).then(|| spans[caller]);
            let context = Context { trace, span: spans[step], parent };
            time += self.writer.random.between(90, 4_000);
            let templates = &self.services[service].end;
            self.say(service, templates, time, Some(context), &facts);
        }
        self.totals.traces += 1;
    }

    /// The first lines of a span; gives the time at which it calls on.
    fn begin(&mut self, service: usize, start: u64, context: Context, facts: &Facts) -> u64 {
        let services = self.services;
        let mut time = start + self.writer.random.between(150, 3_000);
        self.say(service, &services[service].begin, time, Some(context), facts);
        if self.writer.random.per_mille(440) {
            time += self.writer.random.between(200, 12_000);
            self.say(service, &services[service].work, time, Some(context), facts);
        }
        if self.writer.random.per_mille(FAILURES_PER_MILLE) {
            time += self.writer.random.between(200, 900_000);
            self.say(service, &services[service].failure, time, Some(context), facts);
        }
        time
    }

    /// One statement, and now and then an idle one of the same service after it.
    fn say(
        &mut self,
        service: usize,
        templates: &[Template],
        micros: u64,
        context: Option<Context>,
        facts: &Facts,
    ) {
        let template = self.writer.random.pick(templates);
        let line = self.writer.random.bits();
        let pending = &mut self.pending[service];
        let start = pending.bytes.len();
        let failed = context.is_some() && template.level == Level::Error;
        let service_of = &self.services[service];
        let statement =
            Statement { service: service_of, template, micros, context, facts, line, failed };
        self.writer.write(&statement, &mut pending.bytes);
        pending.lines.push((micros, start, pending.bytes.len()));
        self.totals.statements += 1;
        if context.is_none() {
            self.totals.idle += 1;
        } else if self.writer.random.per_mille(IDLE_PER_MILLE) {
            let soon = micros + self.writer.random.below(5_000);
            self.say(service, &self.services[service].idle, soon, None, facts);
        }
    }

    /// Writes what is older than `until`, in order of time; gives the bytes written.
    fn flush<W: Write>(&mut self, until: u64, outputs: &mut [W]) -> io::Result<u64> {
        let mut written = 0;
        for (pending, output) in self.pending.iter_mut().zip(outputs) {
            // Equal times keep the order in which they were said.
            pending.lines.sort_unstable();
            let due = pending.lines.partition_point(|&(micros, ..)| micros < until);
            for &(_, start, end) in &pending.lines[..due] {
                output.write_all(&pending.bytes[start..end])?;
                written += (end - start) as u64;
            }
            pending.keep_from(due);
        }
        Ok(written)
    }
}

impl Pending {
    /// Forgets the lines before `due`.
    fn keep_from(&mut self, due: usize) {
        let mut kept = Self::default();
        for &(micros, start, end) in &self.lines[due..] {
            let place = kept.bytes.len();
            kept.bytes.extend_from_slice(&self.bytes[start..end]);
            kept.lines.push((micros, place, kept.bytes.len()));
        }
        self.bytes.clear();
        self.bytes.append(&mut kept.bytes);
        self.lines.clear();
        self.lines.append(&mut kept.lines);
    }
}

#[cfg(test)]
mod tests {
    use super::{Totals, generate, service_names};

    fn corpus(seed: u64, bytes: u64) -> (Vec<Vec<u8>>, Totals) {
        let mut outputs: Vec<Vec<u8>> = service_names().iter().map(|_| Vec::new()).collect();
        let totals = generate(seed, bytes, &mut outputs).expect("memory takes every write");
        (outputs, totals)
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        assert_eq!(corpus(7, 300_000), corpus(7, 300_000));
        assert_ne!(corpus(7, 300_000).0, corpus(8, 300_000).0);
    }

    #[test]
    fn requests_have_about_sixteen_lines_and_one_line_in_twenty_has_no_request() {
        let (outputs, totals) = corpus(7, 2_000_000);
        assert_eq!(outputs.len(), 12);
        let lines_a_trace = (totals.statements - totals.idle) as f64 / totals.traces as f64;
        assert!((14.5..17.5).contains(&lines_a_trace), "{lines_a_trace}");
        let idle = totals.idle as f64 / totals.statements as f64;
        assert!((0.045..0.055).contains(&idle), "{idle}");
    }

    #[test]
    fn each_file_is_in_order_of_time_also_across_flushes() {
        let (outputs, totals) = corpus(7, 9_000_000);
        assert_eq!(outputs.iter().map(|output| output.len() as u64).sum::<u64>(), totals.bytes);
        let gateway = String::from_utf8(outputs[0].clone()).expect("the generator writes text");
        let times: Vec<&str> = gateway
            .lines()
            .filter_map(|line| line.split_once("\"time\":"))
            .filter_map(|(_, rest)| rest.split(',').next())
            .collect();
        assert!(times.len() > 1000 && times.is_sorted());
    }
}
