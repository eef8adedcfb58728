//! Ways out for alerts: files and webhooks, each on a thread of its own.
//!
//! Always: whoever hands an alert over never waits; a way out that is slow or closed costs
//! alerts of its own alone, and every one that is lost is counted and told.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded, unbounded};

use crate::cli::watch::file::Target;
use crate::cli::watch::webhook::{Attempt, Webhook};

/// Alerts that may wait for one way out; a kilobyte each.
const WAITING_MAX: usize = 1_000;

/// A whole attempt, from the name to the answer.
const ATTEMPT_MAX: Duration = Duration::from_secs(10);

/// How long to wait after each attempt that failed; after the last the alert is lost.
const WAITS: [Duration; 6] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(30),
    Duration::from_secs(60),
];

/// However long the other side asks us to wait, it is not longer.
const ASKED_WAIT_MAX: Duration = Duration::from_secs(60);

/// At the end what still waits has so long: a process must end within seconds.
const END_MAX: Duration = Duration::from_secs(4);

/// One way out.
pub(super) struct Outlet {
    name: String,
    queue: Sender<Vec<u8>>,
    /// Closed when all shall end soon.
    going_on: Sender<()>,
    /// Closed when the thread has ended.
    ended: Receiver<()>,
    /// Handed over, and neither sent nor lost.
    waiting: Arc<AtomicU64>,
    troubles: Receiver<String>,
    refused: u64,
}

impl Outlet {
    /// Opens a way out.
    pub(super) fn open(name: &str, target: &Target) -> Self {
        Self::with_waits(name, target, &WAITS)
    }

    fn with_waits(name: &str, target: &Target, waits: &[Duration]) -> Self {
        let (queue, alerts) = bounded(WAITING_MAX);
        let (going_on, ending) = bounded(0);
        let (running, ended) = bounded(0);
        let (troubles, heard) = unbounded();
        let waiting = Arc::new(AtomicU64::new(0));
        let work = Work {
            target: target.clone(),
            waits: waits.to_vec(),
            alerts,
            ending,
            troubles,
            waiting: Arc::clone(&waiting),
        };
        let thread = thread::Builder::new().name("alerts".to_owned());
        // Without a thread its queue is closed, which is told with the first alert.
        let _ = thread.spawn(move || {
            work.run();
            drop(running);
        });
        let name = name.to_owned();
        Self { name, queue, going_on, ended, waiting, troubles: heard, refused: 0 }
    }

    /// Hands an alert over, and never waits.
    pub(super) fn send(&mut self, document: &[u8]) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        match self.queue.try_send(document.to_vec()) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                self.refused += 1;
            }
        }
    }

    /// What went wrong since this was last asked, in words.
    pub(super) fn troubles(&mut self) -> Vec<String> {
        let name = &self.name;
        let refused = std::mem::take(&mut self.refused);
        let full = (refused > 0).then(|| {
            format!("outlet `{name}`: {WAITING_MAX} alerts wait already, {refused} more are lost")
        });
        let heard = self.troubles.try_iter().map(|trouble| format!("outlet `{name}`: {trouble}"));
        heard.chain(full).collect()
    }

    /// Ends: what waits is tried once more, for a few seconds at most. The last troubles.
    pub(super) fn close(self) -> Vec<String> {
        let Self { name, queue, going_on, ended, waiting, troubles, refused } = self;
        drop((queue, going_on));
        // Closed or too late: nothing is ever sent through it.
        let _ = ended.recv_timeout(END_MAX);
        let left = waiting.load(Ordering::Relaxed) + refused;
        let lost = (left > 0).then(|| format!("{left} alerts were not sent before the end"));
        let troubles = troubles.try_iter().chain(lost);
        troubles.map(|trouble| format!("outlet `{name}`: {trouble}")).collect()
    }
}

/// What the thread of a way out does.
struct Work {
    target: Target,
    waits: Vec<Duration>,
    alerts: Receiver<Vec<u8>>,
    ending: Receiver<()>,
    troubles: Sender<String>,
    waiting: Arc<AtomicU64>,
}

impl Work {
    fn run(self) {
        let webhook = match &self.target {
            Target::Webhook { url, allow_private } => {
                Some(Webhook::new(url, *allow_private, ATTEMPT_MAX))
            }
            Target::File(_) => None,
        };
        for document in &self.alerts {
            let sent = match (&self.target, &webhook) {
                (Target::File(path), _) => append(path, &document),
                (Target::Webhook { .. }, Some(webhook)) => self.post(webhook, &document),
                (Target::Webhook { .. }, None) => Ok(()),
            };
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            if let Err(reason) = sent {
                // Whoever listened may be gone.
                let _ = self.troubles.send(format!("an alert is lost: {reason}"));
            }
        }
    }

    /// Posts until it is taken, refused, or has failed too often.
    fn post(&self, webhook: &Webhook, document: &[u8]) -> Result<(), String> {
        for wait in self.waits.iter().map(Some).chain([None]) {
            let (reason, after) = match webhook.post(document) {
                Attempt::Taken => return Ok(()),
                Attempt::Refused(reason) => return Err(reason),
                Attempt::TryAgain { reason, after } => (reason, after),
            };
            let Some(wait) = wait else { return Err(reason) };
            let wait = after.map_or(*wait, |after| after.clamp(*wait, ASKED_WAIT_MAX.max(*wait)));
            if self.is_over_after(wait) {
                return Err(reason);
            }
        }
        Ok(())
    }

    /// Waits; whether all shall end.
    fn is_over_after(&self, wait: Duration) -> bool {
        let until = Instant::now() + wait;
        matches!(self.ending.recv_deadline(until), Err(RecvTimeoutError::Disconnected))
    }
}

/// Adds a line to a file, in one piece, so that other programs may write to it as well.
fn append(path: &Path, document: &[u8]) -> Result<(), String> {
    let line = [document, b"\n"].concat();
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(&line))
        .map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::watch::server::Server;

    fn webhook(server: &Server) -> Target {
        Target::Webhook { url: server.url(), allow_private: true }
    }

    #[test]
    fn what_is_not_taken_is_sent_again() {
        let answers = ["503 Busy", "500 No", "200 OK"].map(str::to_owned).to_vec();
        let server = Server::answering(answers);
        let mut outlet = Outlet::with_waits("hook", &webhook(&server), &[Duration::ZERO; 3]);
        outlet.send(b"{\"alert\":1}");
        for _ in 0..3 {
            assert!(server.next().ends_with("{\"alert\":1}"));
        }
        outlet.send(b"{\"alert\":2}");
        assert!(server.next().ends_with("{\"alert\":2}"));
        assert_eq!(outlet.close(), Vec::<String>::new());
    }

    #[test]
    fn what_is_never_taken_is_given_up_and_told() {
        let server = Server::answering(vec!["503 Busy".to_owned()]);
        let mut outlet = Outlet::with_waits("hook", &webhook(&server), &[Duration::ZERO; 2]);
        outlet.send(b"{}");
        for _ in 0..3 {
            server.next();
        }
        let troubles = outlet.close();
        assert_eq!(troubles, ["outlet `hook`: an alert is lost: it answered 503"]);
    }

    #[test]
    fn handing_over_never_waits_and_the_end_comes_soon() {
        let server = Server::answering(vec!["503 Busy".to_owned()]);
        let mut outlet =
            Outlet::with_waits("hook", &webhook(&server), &[Duration::from_secs(3_600)]);
        for _ in 0..WAITING_MAX * 2 {
            outlet.send(b"{}");
        }
        let troubles = outlet.troubles();
        assert!(troubles.last().is_some_and(|text| text.contains("are lost")), "{troubles:?}");
        server.next();
        assert!(!outlet.close().is_empty());
    }

    #[test]
    fn a_file_has_a_line_for_each_and_keeps_what_was_there() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("alerts.ndjson");
        std::fs::write(&path, "{\"alert\":0}\n").expect("it can be written");
        let mut outlet = Outlet::open("kept", &Target::File(path.clone()));
        outlet.send(b"{\"alert\":1}");
        outlet.send(b"{\"alert\":2}");
        assert_eq!(outlet.close(), Vec::<String>::new());
        let text = std::fs::read_to_string(&path).expect("it is there");
        assert_eq!(text, "{\"alert\":0}\n{\"alert\":1}\n{\"alert\":2}\n");
        let nowhere = Target::File(directory.path().join("none/alerts"));
        let mut outlet = Outlet::open("nowhere", &nowhere);
        outlet.send(b"{}");
        assert!(outlet.close()[0].contains("an alert is lost"));
    }
}
