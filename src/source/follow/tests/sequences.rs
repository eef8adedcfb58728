//! Seeded sequences of writing, rotating, crashing and waiting: every line is stored once.
//!
//! A few hundred run with the tests. The long form:
//! `LOGLOOM_SEQUENCES=100000 LOGLOOM_HOURS=24 cargo test --release --lib follow::tests::sequences`

use super::*;

/// Sequences that run with the tests.
const SEQUENCES: u64 = 300;

/// A small generator of pseudo-random numbers (`SplitMix64`): the same for the same seed.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }
}

/// A program that writes numbered lines to a log and rotates it.
struct Writer {
    name: String,
    written: Vec<String>,
    rotations: usize,
    /// The part of a line that was not written yet.
    rest: String,
}

impl Writer {
    fn write(&mut self, model: &Model, chance: &mut Chance) {
        self.complete(model);
        let most = if chance.one_in(10) { 400 } else { 5 };
        let lines = 1 + chance.below(most);
        let mut text = String::new();
        for _ in 0..lines {
            let number = self.written.len();
            let filler = "x".repeat(chance.below(60) as usize);
            let line = format!("{} line {number} {filler}", self.name);
            text += &line;
            text.push('\n');
            self.written.push(line + "\n");
        }
        if chance.one_in(6) {
            let cut = text.len() - 1 - chance.below(8) as usize;
            self.rest = text.split_off(cut);
        }
        model.append(&self.name, text.as_bytes());
    }

    fn complete(&mut self, model: &Model) {
        let rest = std::mem::take(&mut self.rest);
        if !rest.is_empty() {
            model.append(&self.name, rest.as_bytes());
        }
    }

    /// Numbers of older files go up by one, the oldest stay.
    fn shift(&mut self, model: &Model) {
        self.rotations += 1;
        for number in (1..self.rotations).rev() {
            for ending in ["", ".gz"] {
                let from = format!("{}.{number}{ending}", self.name);
                if model.exists(&from) {
                    model.rename(&from, &format!("{}.{}{ending}", self.name, number + 1));
                }
            }
        }
    }

    fn rotate(&mut self, play: &mut Play, chance: &mut Chance) {
        let model = play.model.clone();
        if !model.exists(&self.name) {
            return;
        }
        self.shift(&model);
        let first = format!("{}.1", self.name);
        if chance.one_in(2) {
            model.rename(&self.name, &first);
            // Its writer still has it open and ends its line there.
            let rest = std::mem::take(&mut self.rest);
            if !rest.is_empty() {
                model.append(&first, rest.as_bytes());
            }
            let _ = model.open_for_writing(&self.name);
        } else {
            self.complete(&model);
            let whole = model.bytes(&self.name);
            let half = chance.below(whole.len() as u64 + 1) as usize;
            model.append(&first, &whole[..half]);
            if chance.one_in(2) {
                play.pass(Duration::from_millis(chance.below(700)));
            }
            model.append(&first, &whole[half..]);
            if chance.one_in(2) {
                play.pass(Duration::from_millis(chance.below(700)));
            }
            model.truncate(&self.name, 0);
        }
        if chance.one_in(3) {
            if chance.one_in(2) {
                play.pass(Duration::from_millis(chance.below(3_000)));
            }
            model.gzip(&first, &format!("{first}.gz"));
        }
    }
}

/// Two programs, whoever follows them, and chance.
struct Game {
    seed: u64,
    chance: Chance,
    model: Model,
    play: Play,
    writers: Vec<Writer>,
}

impl Game {
    fn begin(seed: u64) -> Self {
        let mut chance = Chance(seed);
        let model = if chance.one_in(2) {
            Model::following("/l/", "")
        } else {
            Model::following("/l/", ".log")
        };
        // A file system that tells no births and reuses numbers at once is played by itself.
        let has_births = !chance.one_in(3);
        (model.0.borrow_mut().has_births, model.0.borrow_mut().reuses_inodes) =
            (has_births, has_births);
        let mut play = Play::new(&model);
        play.store.open_lines = chance.below(3) as usize;
        play.descriptors = 1 + chance.below(4) as usize;
        let writers = ["/l/app.log", "/l/web.log"].map(|name| Writer {
            name: name.to_owned(),
            written: Vec::new(),
            rotations: 0,
            rest: String::new(),
        });
        let mut game = Self { seed, chance, model, play, writers: writers.into() };
        for writer in &mut game.writers {
            // Named alone, a log is followed from when it is there: what was rotated before is
            // history.
            writer.write(&game.model, &mut game.chance);
            writer.complete(&game.model);
        }
        game.play.pass(seconds(1));
        game.play.store.commit();
        game
    }

    /// Something happens, or time passes, at most so many milliseconds.
    fn step(&mut self, longest: u64) -> Duration {
        let index = self.chance.below(2) as usize;
        let writer = &mut self.writers[index];
        match self.chance.below(10) {
            0..=3 => writer.write(&self.model, &mut self.chance),
            4..=5 => writer.rotate(&mut self.play, &mut self.chance),
            6 => self.play.store.commit(),
            7 if self.chance.one_in(2) => self.play.crash(),
            _ => {
                let time = Duration::from_millis(self.chance.below(longest));
                self.play.pass(time);
                return time;
            }
        }
        Duration::ZERO
    }

    /// Lets everything come to rest: every line is there once.
    fn end(mut self) {
        for writer in &mut self.writers {
            writer.complete(&self.model);
        }
        self.play.pass(seconds(100));
        let mut expected: Vec<String> =
            self.writers.iter().flat_map(|writer| writer.written.clone()).collect();
        expected.sort();
        let found = self.play.store.lines();
        if found != expected {
            let lost: Vec<_> = expected.iter().filter(|line| !found.contains(line)).collect();
            let doubled: Vec<_> = found.windows(2).filter(|pair| pair[0] == pair[1]).collect();
            let mangled: Vec<_> = found.iter().filter(|line| !expected.contains(line)).collect();
            panic!(
                "seed {}: lost {lost:?}; doubled {doubled:?}; mangled {mangled:?}\n{:#?}\n{:?}",
                self.seed,
                self.play.store.streams,
                self.model.0.borrow().names_and_sizes(),
            );
        }
    }
}

fn run(seed: u64) {
    let mut game = Game::begin(seed);
    for _ in 0..8 + game.chance.below(30) {
        game.step(2_500);
    }
    game.end();
}

/// Hours that are played with the tests.
const HOURS: u64 = 1;

/// A writer writes, rotates or crashes about every two minutes, for hours.
fn run_for_hours(seed: u64, hours: u64) {
    let mut game = Game::begin(seed);
    game.play.follower.set_events(game.chance.one_in(2));
    let mut passed = Duration::ZERO;
    while passed < seconds(hours * 3_600) {
        passed += game.step(1_000_000);
    }
    game.end();
}

fn number(variable: &str, otherwise: u64) -> u64 {
    let typed = std::env::var(variable).ok();
    typed.and_then(|typed| typed.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn every_line_is_stored_once_through_any_sequence_of_rotations_and_crashes() {
    let first = number("LOGLOOM_SEED", 0);
    for seed in first..first + number("LOGLOOM_SEQUENCES", SEQUENCES) {
        run(seed);
    }
}

#[test]
fn every_line_is_stored_once_through_hours_of_rotations_and_crashes() {
    let first = number("LOGLOOM_SEED", 0);
    for seed in first..first + number("LOGLOOM_DAYS", 1) {
        run_for_hours(seed, number("LOGLOOM_HOURS", HOURS));
    }
}
