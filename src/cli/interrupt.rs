//! Ctrl-C and SIGTERM: while logs are read, the first ends the reading cleanly. The second,
//! and one that comes when the reading is over, ends the program at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tokio::runtime::Builder;

use crate::engine::ingest::Watch;

/// What a shell reports of a program that was interrupted.
const INTERRUPTED: i32 = 130;

/// Lets an interruption stop the work that is watched. Where signals cannot be had, the
/// process simply ends by them; the store stays at its last commit.
pub fn on_interrupt(watch: &Arc<Watch>) {
    let watch = Arc::clone(watch);
    let waiting = move || {
        let Ok(runtime) = Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            while signalled().await {
                if watch.stop.swap(true, Ordering::Relaxed) {
                    std::process::exit(INTERRUPTED);
                }
            }
        });
    };
    // The thread ends with the process.
    let _ = thread::Builder::new().name("signals".to_owned()).spawn(waiting);
}

/// Notes that the process was asked to take up its settings anew: SIGHUP, where there is such
/// a signal.
#[cfg(unix)]
pub fn on_hangup(asked: &Arc<AtomicBool>) {
    use tokio::signal::unix::{SignalKind, signal};
    let asked = Arc::clone(asked);
    let waiting = move || {
        let Ok(runtime) = Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            let Ok(mut hangup) = signal(SignalKind::hangup()) else { return };
            while hangup.recv().await.is_some() {
                asked.store(true, Ordering::Relaxed);
            }
        });
    };
    // The thread ends with the process.
    let _ = thread::Builder::new().name("hangup".to_owned()).spawn(waiting);
}

/// Elsewhere a changed file is the only sign.
#[cfg(not(unix))]
pub fn on_hangup(_: &Arc<AtomicBool>) {}

#[cfg(unix)]
async fn signalled() -> bool {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return false };
    tokio::select! {
        result = tokio::signal::ctrl_c() => result.is_ok(),
        received = terminate.recv() => received.is_some(),
    }
}

#[cfg(not(unix))]
async fn signalled() -> bool {
    tokio::signal::ctrl_c().await.is_ok()
}
