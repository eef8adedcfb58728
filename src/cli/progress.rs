//! How far reading has come: bytes, rate and time left, on standard error.
//!
//! The bar is drawn only on a terminal, only after half a second (what is quicker needs
//! none), and never with `--quiet`. It may be told of progress from many threads.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work that is done sooner needs no bar.
const SHOWN_AFTER: Duration = Duration::from_millis(500);

/// A bar of known length.
const BAR: &str = "{msg} {bar:24.cyan/dim} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
/// A counter where the length is unknown, such as of standard input.
const COUNTER: &str = "{msg} {spinner} {bytes}, {bytes_per_sec}";

/// How far reading has come.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    began: Instant,
    may_show: bool,
    is_shown: AtomicBool,
}

impl Progress {
    /// Begins at `now` with `total` bytes to read, if that is known. Nothing is ever drawn
    /// unless `may_show`.
    pub fn begin(total: Option<u64>, may_show: bool, now: Instant) -> Self {
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
        let template = if total.is_some() { BAR } else { COUNTER };
        let style = ProgressStyle::with_template(template).expect("our own templates are valid");
        bar.set_style(style.progress_chars("━╸─"));
        bar.set_message("reading");
        Self { bar, began: now, may_show, is_shown: AtomicBool::new(false) }
    }

    /// More was found that is to be read: the total grows.
    pub fn found(&self, bytes: u64) {
        self.bar.inc_length(bytes);
    }

    /// So many more bytes were read, at `now`.
    pub fn advance(&self, bytes: u64, now: Instant) {
        self.bar.inc(bytes);
        let is_due = self.may_show && now.saturating_duration_since(self.began) >= SHOWN_AFTER;
        // One thread draws first; the others see that it has.
        if is_due && !self.is_shown.swap(true, Ordering::Relaxed) {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    /// Runs `say` while the bar is off the screen, so that a message does not run into it.
    pub fn pause<T>(&self, say: impl FnOnce() -> T) -> T {
        self.bar.suspend(say)
    }

    /// Takes the bar off the screen.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// Bytes read so far.
    pub fn read(&self) -> u64 {
        self.bar.position()
    }

    /// Whether the bar has come on the screen.
    pub fn is_shown(&self) -> bool {
        self.is_shown.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(may_show: bool, after: Duration, expected: bool) {
        let began = Instant::now();
        let progress = Progress::begin(Some(100), may_show, began);
        progress.advance(40, began + after);
        assert_eq!(progress.is_shown(), expected);
        assert_eq!(progress.read(), 40);
        progress.end();
    }

    #[test]
    fn the_bar_comes_after_half_a_second_if_at_all() {
        check(true, Duration::from_millis(499), false);
        check(true, Duration::from_millis(500), true);
        check(false, Duration::from_secs(60), false);
    }

    #[test]
    fn many_threads_may_report() {
        let began = Instant::now();
        let progress = Progress::begin(None, false, began);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..100).for_each(|_| progress.advance(1, began)));
            }
        });
        assert_eq!(progress.read(), 400);
        assert_eq!(progress.pause(|| 7), 7);
    }
}
