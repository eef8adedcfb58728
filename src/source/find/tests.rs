use super::*;

/// A directory with these files, gone at the end.
fn scratch(files: &[&str]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory can be made");
    for name in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().expect("it is below")).expect("a directory can be made");
        fs::write(path, "a line\n").expect("a file can be written");
    }
    directory
}

fn root(directory: &tempfile::TempDir) -> PathBuf {
    directory.path().canonicalize().expect("the directory exists")
}

fn names(found: &Found, directory: &tempfile::TempDir) -> Vec<String> {
    let short =
        |unit: &Unit| label::of_path(unit.path.strip_prefix(root(directory)).unwrap_or(&unit.path));
    found.units.iter().map(short).collect()
}

fn reports(found: &Found, directory: &tempfile::TempDir) -> Vec<String> {
    let prefix = format!("{}/", root(directory).display());
    found
        .skipped
        .iter()
        .map(|skip| format!("{:?} {skip}", skip.kind).replace(&prefix, ""))
        .collect()
}

/// Finds below `paths`, relative to a directory with `files`.
#[track_caller]
fn check(files: &[&str], paths: &[&str], expected: &[&str], expected_reports: &[&str]) {
    let directory = scratch(files);
    let paths: Vec<PathBuf> = paths.iter().map(|path| root(&directory).join(path)).collect();
    let found = find(&paths, &Selection::default());
    assert_eq!(names(&found, &directory), expected);
    let reports = reports(&found, &directory);
    assert_eq!(reports.len(), expected_reports.len(), "{reports:#?}");
    for (report, expected) in reports.iter().zip(expected_reports) {
        assert!(report.starts_with(expected), "{report} instead of {expected}");
    }
}

#[test]
fn every_file_of_a_directory_counts_in_order() {
    check(
        &["b/2.log", "a.log", "b/1.log", ".hidden/x.log", ".gitignore", "b.log"],
        &[""],
        &[".gitignore", ".hidden/x.log", "a.log", "b/1.log", "b/2.log", "b.log"],
        &[],
    );
}

#[test]
fn a_file_named_twice_is_one_unit() {
    check(&["a.log", "b.log"], &["a.log", "", "./a.log"], &["a.log", "b.log"], &[]);
}

#[test]
fn a_path_that_does_not_exist_is_named() {
    check(
        &["a.log"],
        &["nowhere.log", "a.log"],
        &["a.log"],
        &["Unreadable nowhere.log: there is no such file or directory"],
    );
}

#[test]
fn patterns_are_expanded() {
    let files = ["x/a.log", "x/b.txt", "y/a.log", "y/z/c.log", "top.log"];
    check(&files, &["*/a.log"], &["x/a.log", "y/a.log"], &[]);
    check(&files, &["**/*.log"], &["top.log", "x/a.log", "y/a.log", "y/z/c.log"], &[]);
    check(&files, &["y*"], &["y/a.log", "y/z/c.log"], &[]);
    check(&files, &["x/[a-b].???"], &["x/a.log", "x/b.txt"], &[]);
    check(&files, &["q*"], &[], &["Unreadable q*: no file matches"]);
    check(&files, &["[q"], &[], &["Unreadable [q: not a valid pattern"]);
}

#[test]
fn a_file_whose_name_looks_like_a_pattern_is_read() {
    check(&["[a].log", "a.log"], &["[a].log"], &["[a].log"], &[]);
}

#[test]
fn stores_of_ours_are_not_read() {
    check(
        &["a.log", "store/logloom-store.json", "store/part"],
        &[""],
        &["a.log"],
        &["NotALog store: a store of logloom"],
    );
}

#[test]
fn a_dash_is_standard_input() {
    let found = find(&[PathBuf::from("-"), PathBuf::from("-")], &Selection::default());
    assert_eq!(found.units.len(), 1);
    assert_eq!(found.units[0].kind, UnitKind::Stdin);
}

#[test]
fn selections_speak_of_relative_names_and_let_archives_through() {
    let directory = scratch(&["logs/a.log", "logs/a.txt", "other/b.log", "top.log"]);
    fs::write(root(&directory).join("plain.gz"), b"\x1f\x8b\x08").expect("a file can be written");
    let found_by = |include: &[&str], exclude: &[&str]| {
        let selection = Selection::new(include, exclude).expect("the patterns are valid");
        names(&find(&[root(&directory)], &selection), &directory)
    };
    assert_eq!(found_by(&["logs/*.log"], &[]), ["logs/a.log", "plain.gz"]);
    assert_eq!(found_by(&["*.log"], &["other"]), ["logs/a.log", "plain.gz", "top.log"]);
    assert_eq!(found_by(&["*.log"], &["*.gz", "logs/"]), ["other/b.log", "top.log"]);
}

#[test]
fn a_file_that_is_named_is_read_whatever_is_included() {
    let directory = scratch(&["logs/a.log"]);
    let path = root(&directory).join("logs/a.log");
    let selection = Selection::new(&["*.txt"], &[]).expect("the pattern is valid");
    let found = find(&[path], &selection);
    assert!(found.units[0].named);
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn hard_links_and_symbolic_links_are_one_unit() {
        let directory = scratch(&["b.log"]);
        let at = |name: &str| root(&directory).join(name);
        fs::hard_link(at("b.log"), at("a.log")).expect("a link can be made");
        symlink(at("b.log"), at("c.log")).expect("a link can be made");
        let found = find(&[root(&directory)], &Selection::default());
        assert_eq!(names(&found, &directory), ["a.log"]);
    }

    #[test]
    fn links_are_followed_but_not_round_and_round() {
        let directory = scratch(&["real/a.log"]);
        let elsewhere = scratch(&["b.log"]);
        let at = |name: &str| root(&directory).join(name);
        symlink(at("real"), at("real/loop")).expect("a link can be made");
        symlink(root(&elsewhere), at("elsewhere")).expect("a link can be made");
        symlink(at("gone"), at("dangling")).expect("a link can be made");
        let found = find(&[root(&directory)], &Selection::default());
        assert_eq!(found.units.len(), 2, "{:?}", found.units);
        let mut reports = reports(&found, &directory);
        reports.sort();
        assert_eq!(
            reports,
            [
                "NotALog dangling: a link to nothing",
                "NotALog real/loop: a link to a directory around it",
            ]
        );
    }

    #[test]
    fn sockets_and_devices_are_reported_and_pipes_that_are_named_are_read() {
        let directory = scratch(&[]);
        let socket = root(&directory).join("socket");
        let _listener = UnixListener::bind(&socket).expect("a socket can be made");
        let found = find(&[root(&directory), PathBuf::from("/dev/null")], &Selection::default());
        assert_eq!(
            reports(&found, &directory),
            ["NotALog socket: a device, pipe or socket", "NotALog /dev/null: a device or socket",]
        );
        let pipe = root(&directory).join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.is_ok_and(|status| status.success()), "mkfifo makes a pipe");
        let found = find(&[pipe], &Selection::default());
        assert_eq!(found.units[0].kind, UnitKind::Pipe);
    }

    #[test]
    fn names_of_any_bytes_are_read_and_shown() {
        let directory = scratch(&["-dash", "new\nline"]);
        let name = OsStr::from_bytes(b"caf\xe9.log");
        fs::write(root(&directory).join(name), "a line\n").expect("a file can be written");
        let found = find(&[root(&directory)], &Selection::default());
        assert_eq!(names(&found, &directory), ["-dash", "caf\\xe9.log", "new\\nline"]);
        assert!(found.units.iter().all(|unit| unit.path.exists()));
    }

    #[test]
    fn what_the_kernel_makes_up_is_not_read() {
        if !Path::new("/proc/self/status").exists() {
            return;
        }
        let paths = [PathBuf::from("/proc/self/status"), PathBuf::from("/proc/self")];
        let found = find(&paths, &Selection::default());
        assert_eq!((found.units.len(), found.skipped.len()), (0, 2));
    }
}
