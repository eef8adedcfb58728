//! Long sequences of operations against a reference, and each failure by its name.

use std::time::Duration;

use self::model::{Model, Play, Store};
use crate::source::follow::Follower;

mod model;
mod real;
mod rows;
mod sequences;

const LOG: &str = "/l/app.log";

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn sorted(lines: &[&str]) -> Vec<String> {
    let mut lines: Vec<String> = lines.iter().map(|line| format!("{line}\n")).collect();
    lines.sort();
    lines
}

/// Fails unless the store holds exactly these lines, each once.
#[track_caller]
fn check(play: &Play, lines: &[&str]) {
    assert_eq!(play.store.lines(), sorted(lines), "{:?}", play.store.skipped);
}

/// A play in which `app.log` alone is named.
fn alone() -> (Model, Play) {
    let model = Model::following(LOG, "app.log");
    let play = Play::new(&model);
    (model, play)
}

/// A play in which the directory is named.
fn directory() -> (Model, Play) {
    let model = Model::following("/l/", "");
    let play = Play::new(&model);
    (model, play)
}
