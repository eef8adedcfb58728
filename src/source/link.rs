//! Links that lead to no file: nothing is missing behind them.

use std::fs;
use std::io;
use std::path::Path;

/// The number of the system's error for links in a circle (`ELOOP`).
const TOO_MANY_LINKS: i32 =
    if cfg!(any(target_os = "linux", target_os = "android")) { 40 } else { 62 };

/// What is wrong with the link at `path`, if `error` says that it leads to no file.
pub(super) fn leads_nowhere(path: &Path, error: &io::Error) -> Option<&'static str> {
    if !path.is_symlink() {
        return None;
    }
    // Usual where logs are rotated.
    if error.kind() == io::ErrorKind::NotFound {
        return Some("a link to nothing");
    }
    // The system is asked anew: an error that came out of a walk has lost its number.
    let number = fs::metadata(path).err().and_then(|error| error.raw_os_error());
    (number == Some(TOO_MANY_LINKS)).then_some("a link that leads to itself")
}
