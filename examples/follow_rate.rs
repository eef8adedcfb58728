//! How fast the follower alone reads: its lines go nowhere.
//!
//!     cargo run --release --example follow_rate -- /var/log/big.log

use std::path::PathBuf;
use std::time::{Duration, Instant};

use logloom::model::checkpoint::Checkpoint;
use logloom::model::line::Position;
use logloom::model::skipped::Skipped;
use logloom::source::follow::real::RealDisk;
use logloom::source::follow::{Follower, Listener, Looked};
use logloom::source::selection::Selection;
use logloom::source::{Chunk, Stream};

/// Files that are open at a time.
const DESCRIPTORS_MAX: usize = 128;

/// Counts bytes.
#[derive(Default)]
struct Counted(u64);

impl Listener for Counted {
    fn begin(&mut self, _: usize, _: &Stream, _: Position, _: Option<Checkpoint>) {}

    fn lines(&mut self, _: usize, chunk: Chunk) {
        self.0 += chunk.bytes.len() as u64;
    }

    fn partial(&mut self, _: usize, _: Chunk) {}

    fn looked(&mut self, _: usize, _: Looked) {}

    fn forgotten(&mut self, _: usize, _: &str) {}

    fn skipped(&mut self, _: Skipped) {}
}

fn main() {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let selection = Selection::new::<&str>(&[], &[]).expect("no pattern is wrong");
    let mut follower = Follower::new(RealDisk::new(paths, selection), Vec::new(), DESCRIPTORS_MAX);
    let (begun, mut counted) = (Instant::now(), Counted::default());
    // The follower's clock runs as fast as there is nothing to do.
    let mut now = Duration::ZERO;
    loop {
        let turn = follower.turn(now, &mut counted);
        if !turn.is_behind && now > Duration::from_secs(1) {
            break;
        }
        now = turn.next.max(now + Duration::from_micros(1));
    }
    let seconds = begun.elapsed().as_secs_f64();
    let megabytes = counted.0 as f64 / 1e6;
    #[expect(clippy::print_stdout, reason = "it is what the example is for")]
    {
        println!("{megabytes:.0} MB in {seconds:.1} s: {:.0} MB/s", megabytes / seconds);
    }
}
