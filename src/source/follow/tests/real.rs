//! What only a real file system has: links, holes, and our own files.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::source::follow::real::RealDisk;
use crate::source::selection::Selection;

/// A directory with a store beside its follower.
struct Place {
    directory: tempfile::TempDir,
    follower: Follower<RealDisk>,
    store: Store,
    now: Duration,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        fs::create_dir(directory.path().join("logs")).expect("it can be made");
        let follower = Follower::new(disk(directory.path()), Vec::new(), 16);
        Self { directory, follower, store: Store::default(), now: Duration::ZERO }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn append(&self, name: &str, text: &str) {
        use std::io::Write;
        let path = self.path(name);
        let file = fs::OpenOptions::new().create(true).append(true).open(path);
        file.expect("it can be opened").write_all(text.as_bytes()).expect("it can be written");
    }

    #[track_caller]
    fn holds(&mut self, expected: &[&str]) {
        let end = self.now + seconds(5);
        while self.now < end {
            let next = self.follower.turn(self.now, &mut self.store).next;
            self.now = next.max(self.now + Duration::from_millis(1));
        }
        let lines = self.store.lines();
        let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
        assert_eq!(lines, expected);
    }
}

fn disk(directory: &Path) -> RealDisk {
    let selection = Selection::new::<&str>(&[], &[]).expect("no patterns");
    RealDisk::new(vec![directory.join("logs")], selection)
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_that_leads_elsewhere_is_followed_and_the_old_file_read_to_its_end() {
        let mut place = Place::new();
        fs::create_dir(place.path("containers")).expect("it can be made");
        place.append("containers/a.log", "1\n");
        symlink("../containers/a.log", place.path("logs/pod.log")).expect("it can be made");
        place.holds(&["1"]);
        place.append("containers/b.log", "2\n");
        symlink("../containers/b.log", place.path("logs/next")).expect("it can be made");
        fs::rename(place.path("logs/next"), place.path("logs/pod.log")).expect("it is there");
        place.append("containers/a.log", "3\n");
        place.holds(&["1", "2", "3"]);
    }

    #[test]
    fn chains_of_links_are_resolved_and_a_file_with_many_is_read_once() {
        let mut place = Place::new();
        fs::create_dir(place.path("pods")).expect("it can be made");
        place.append("pods/0.log", "1\n");
        symlink("../pods/0.log", place.path("logs/a.log")).expect("it can be made");
        symlink("a.log", place.path("logs/b.log")).expect("it can be made");
        symlink(place.path("logs/b.log"), place.path("logs/c.log")).expect("it can be made");
        place.holds(&["1"]);
        place.append("pods/0.log", "2\n");
        place.holds(&["1", "2"]);
    }

    #[test]
    fn links_to_nothing_and_in_circles_harm_nobody_and_are_followed_when_they_lead_somewhere() {
        let mut place = Place::new();
        symlink("b.log", place.path("logs/a.log")).expect("it can be made");
        symlink("a.log", place.path("logs/b.log")).expect("it can be made");
        symlink("../later.log", place.path("logs/later.log")).expect("it can be made");
        symlink(".", place.path("logs/here")).expect("it can be made");
        place.append("logs/c.log", "1\n");
        place.holds(&["1"]);
        place.append("later.log", "2\n");
        place.holds(&["1", "2"]);
    }
}

#[test]
fn a_hole_of_many_megabytes_is_passed_over_and_counted() {
    let mut place = Place::new();
    place.append("logs/app.log", "1\n");
    place.holds(&["1"]);
    let file = fs::OpenOptions::new().write(true).open(place.path("logs/app.log"));
    file.expect("it is there").set_len(64 << 20).expect("it can grow");
    place.append("logs/app.log", "2\n");
    place.holds(&["1", "2"]);
    let stored = place.store.streams.values().next().expect("a stream");
    assert_eq!(stored.lines.keys().next_back(), Some(&(64 << 20)));
}

#[test]
fn our_own_store_and_output_are_not_followed() {
    let mut place = Place::new();
    fs::create_dir(place.path("logs/store")).expect("it can be made");
    place.append("logs/store/logloom-store.json", "{}\n");
    place.append("logs/store/blocks.log", "ours\n");
    place.append("logs/app.log", "1\n");
    place.append("logs/out.txt", "ours\n");
    place.append("logs/alerts.ndjson", "ours\n");
    let output = fs::File::open(place.path("logs/out.txt")).expect("it is there");
    let disk = disk(place.directory.path()).without(&[output], &[place.path("logs/alerts.ndjson")]);
    place.follower = Follower::new(disk, Vec::new(), 16);
    place.holds(&["1"]);
    assert!(place.store.is_reported("what is written here is ours"));
}
