//! A stretch of a day: minutes in which all is well, perhaps another fault's minute among
//! them, and the window in which the fault is.

use super::fault::Fault;
use super::line::{Line, MILLI, Micros, SECOND};
use super::play::{Outcome, Stage};
use super::random::Random;
use super::system::System;

/// One minute.
const MINUTE: Micros = 60 * SECOND;

/// How long a window is that is asked about.
pub(crate) const WINDOW: Micros = 3 * MINUTE;

/// What is done to the lines before they are written.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Damage {
    /// How far each service's clock may be off, either way.
    pub(crate) skew: Micros,
    /// How many of a thousand lines are lost.
    pub(crate) lost: u64,
}

/// What was logged.
#[derive(Debug)]
pub(crate) struct Day {
    pub(crate) lines: Vec<Line>,
    /// When the window begins; what was logged before it is the reference.
    pub(crate) window: Micros,
    /// How often the fault made a difference.
    pub(crate) hits: u32,
}

/// How a day goes.
struct Course {
    /// Visits in a minute.
    visits: u64,
    /// How likely a visit ends with a request that failed, in a thousand.
    gives_up: u64,
}

/// Plays a day with a fault in its window, or without any.
pub(crate) fn day(random: &mut Random, system: &System, fault: Option<&Fault>) -> Day {
    let course = Course { visits: random.between(6, 25), gives_up: *random.pick(&[0, 500, 1_000]) };
    let minutes = *random.pick(&[1, 1, 2, 4, 8, 12]);
    let earlier = random.per_mille(300).then(|| {
        let kinds = super::fault::KINDS;
        let kind = *random.clone().pick(&kinds);
        (random.below(minutes) as Micros, Fault::of(random, system, kind))
    });
    let mut day = Day { lines: Vec::new(), window: 0, hits: 0 };
    let mut now = MINUTE;
    for minute in 0..minutes as Micros {
        let fault = earlier.as_ref().filter(|(at, _)| *at == minute && minutes > 1);
        play_minute(random, system, &course, fault.map(|(_, fault)| fault), now, &mut day);
        now += MINUTE;
    }
    // A break, so that what is still running when a minute ends is not of the next one.
    day.window = now + 10 * SECOND;
    day.hits = 0;
    for minute in 0..random.between(1, 4) as Micros {
        play_minute(random, system, &course, fault, day.window + minute * MINUTE, &mut day);
    }
    day
}

fn play_minute(
    random: &mut Random,
    system: &System,
    course: &Course,
    fault: Option<&Fault>,
    from: Micros,
    day: &mut Day,
) {
    let load = random.between(85, 120) as Micros;
    let spread = (course.visits / 5).max(1);
    for _ in 0..random.between(course.visits - spread, course.visits + spread + 1) {
        let mut now = from + random.below(50_000) as Micros * MILLI;
        for (operation, share) in &system.visit {
            if !random.per_mille(*share) {
                continue;
            }
            let trace = u128::from(random.bits()) << 64 | u128::from(random.bits()) | 1;
            let mut stage =
                Stage { random, system, fault, load, trace, lines: Vec::new(), hits: 0 };
            let (end, outcome) = stage.play(*operation, now, None);
            day.lines.append(&mut stage.lines);
            day.hits += stage.hits;
            now = end + random.between(50, 2_000) as Micros * MILLI;
            if outcome != Outcome::Well && random.per_mille(course.gives_up) {
                break;
            }
        }
    }
}

/// Loses lines, and sets each service's clock.
pub(crate) fn damaged(random: &mut Random, system: &System, day: &mut Day, damage: Damage) {
    let offsets: Vec<(String, Micros)> = system
        .services
        .iter()
        .map(|service| {
            let range = (2 * damage.skew + 1) as u64;
            (service.name.clone(), random.below(range) as Micros - damage.skew)
        })
        .collect();
    day.lines.retain(|_| !random.per_mille(damage.lost));
    for line in &mut day.lines {
        let own = offsets.iter().find(|(name, _)| *name == line.service);
        line.at += own.map_or(0, |(_, offset)| *offset);
    }
}
