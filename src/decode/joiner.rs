//! Tells which lines continue the record before them.
//!
//! A line that a definition understands never does, but inside a printed JSON object.
//! Of the others do: indented and empty lines, what only occurs inside stack traces, and
//! what the open block (a panic, an object) still expects.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::decode::exception;

/// A Java message may have several lines before its first frame; more are taken for
/// something else.
const HEADER_LINES_MAX: u32 = 20;

/// Searched for in every message, so it is prepared once.
static TRACEBACK: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(exception::TRACEBACK));

/// What the last lines were part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    /// Nothing that expects more.
    Loose,
    /// An exception's first lines, before its frames.
    Header { lines: u32 },
    /// Python's frames; type and message still to come.
    Traceback,
    /// A Go program's dying words: all that follows.
    Go,
    /// A Rust panic; its message and notes may follow.
    Rust,
    /// A JSON object over several lines.
    Object(Object),
    /// Names and values, a line each, up to an empty line.
    Listing,
}

/// How deep inside an object the last line ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Object {
    depth: usize,
    in_string: bool,
}

/// What is to be done with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joined {
    /// It begins a record of its own.
    Apart,
    /// It continues the open record.
    Continues,
    /// It continues the open record and completes the object that this is.
    Completes,
}

/// Follows one record through its lines.
#[derive(Debug, Clone)]
pub(super) struct Joiner {
    block: Block,
    understood: bool,
    /// Whether the record is an object, or the head of a list of them: another one that
    /// follows is a record of its own, however deep it is indented.
    is_object: bool,
}

impl Joiner {
    /// Begins with a record's first line; `message` is its message if a definition
    /// understood it, else the line.
    pub(super) fn begin(message: &str, understood: bool) -> Self {
        let block = if !understood && begins_object(message) {
            let mut object = Object { depth: 0, in_string: false };
            object.follow(message);
            if object.depth > 0 { Block::Object(object) } else { Block::Loose }
        } else if !understood && begins_listing(message) {
            Block::Listing
        } else if TRACEBACK.find(message.as_bytes()).is_some() {
            Block::Traceback
        } else if message.starts_with("panic: ")
            || message.starts_with("fatal error: ")
            || message.starts_with("http: panic serving ")
        {
            Block::Go
        } else if exception::is_rust_panic(message) {
            Block::Rust
        } else {
            Block::Loose
        };
        Self { block, understood, is_object: false }
    }

    /// Says that the record is a whole object.
    pub(super) fn of_object(mut self) -> Self {
        self.is_object = true;
        self
    }

    /// Whether it expects nothing: the next line that is understood begins a record.
    pub(super) fn is_loose(&self) -> bool {
        self.block == Block::Loose
    }

    /// Whether the next line that is understood begins a record all the same.
    pub(super) fn yields(&self) -> bool {
        !matches!(self.block, Block::Object(_))
    }

    /// Judges the next line, given whether a definition understood it.
    pub(super) fn judge(&mut self, line: &str, understood: bool) -> Joined {
        if let Block::Object(mut object) = self.block {
            // What is printed inside an object is indented, also where it looks like a time.
            if understood && !line.starts_with([' ', '\t', '{', '}', '"']) {
                return Joined::Apart;
            }
            object.follow(line);
            if object.depth == 2 && opens_list(line) {
                // An export's outermost object: each object in the list is a record.
                self.block = Block::Loose;
                self.is_object = true;
                return Joined::Continues;
            }
            if object.depth == 0 {
                self.block = Block::Loose;
                return Joined::Completes;
            }
            self.block = Block::Object(object);
            return Joined::Continues;
        }
        // A time among the values makes no record of its own.
        if self.block == Block::Listing && is_listed(line) {
            return Joined::Continues;
        }
        if !understood && self.continues(line) { Joined::Continues } else { Joined::Apart }
    }

    /// Whether its lines may be one record together: no exception begins with them.
    pub(super) const fn is_block(&self) -> bool {
        matches!(self.block, Block::Loose | Block::Listing)
    }

    fn continues(&mut self, line: &str) -> bool {
        if line.trim_start().is_empty() {
            if self.block == Block::Listing {
                self.block = Block::Loose;
            }
            return true;
        }
        if self.is_object && line.trim_start().starts_with('{') {
            return false;
        }
        if line.starts_with([' ', '\t']) {
            if matches!(self.block, Block::Header { .. }) {
                self.block = Block::Loose;
            }
            return true;
        }
        if line.starts_with(exception::TRACEBACK) {
            let joined = self.understood || self.block == Block::Traceback;
            self.block = Block::Traceback;
            return joined;
        }
        if is_link(line) {
            self.block = Block::Traceback;
            return true;
        }
        if exception::is_crash(line) {
            return false;
        }
        if is_part_of_trace(line) {
            if line.starts_with("exit status ") || line.starts_with("note: ") {
                self.block = Block::Loose;
            }
            return true;
        }
        self.block_expects(line)
    }

    fn block_expects(&mut self, line: &str) -> bool {
        match self.block {
            Block::Loose => {
                let header = self.understood && exception::header(line).is_some();
                if header {
                    self.block = Block::Header { lines: 1 };
                }
                header
            }
            Block::Header { lines } => {
                self.block = Block::Header { lines: lines + 1 };
                lines < HEADER_LINES_MAX
            }
            Block::Traceback => {
                self.block = Block::Loose;
                exception::split(line).is_some()
            }
            Block::Go | Block::Rust | Block::Listing => true,
            Block::Object(_) => false,
        }
    }
}

/// Python's lines between two exceptions of one chain.
fn is_link(line: &str) -> bool {
    line.starts_with("During handling of the above exception")
        || line.starts_with("The above exception was the direct cause")
}

/// Lines that occur only behind others: inside stack traces, mostly.
fn is_part_of_trace(line: &str) -> bool {
    const STARTS: [&str; 14] = [
        "Caused by: ",
        "Wrapped by: ",
        "Suppressed: ",
        "... ",
        "--- End of ",
        "goroutine ",
        "created by ",
        "[signal ",
        "exit status ",
        "stack backtrace:",
        "note: run with `RUST_BACKTRACE",
        "Stack trace:",
        "Node.js v",
        // Lambda's report has a second line.
        "XRAY TraceId: ",
    ];
    let numbered = || {
        let digits = line.strip_prefix('#').unwrap_or_default();
        let rest = digits.trim_start_matches(|letter: char| letter.is_ascii_digit());
        rest.len() < digits.len() && rest.starts_with(' ')
    };
    let closing = || matches!(line.trim_end(), "}" | "]" | "})" | "},");
    STARTS.iter().any(|start| line.starts_with(start)) || numbered() || closing()
}

/// Whether a line of a printed object opens a list of records: `"events": [`.
fn opens_list(line: &str) -> bool {
    const NAMES: [&str; 12] = [
        "events",
        "logEvents",
        "records",
        "Records",
        "hits",
        "entries",
        "items",
        "results",
        "rows",
        "data",
        "logs",
        "value",
    ];
    let Some((name, rest)) = line.trim().split_once(':') else { return false };
    rest.trim() == "[" && NAMES.contains(&name.trim().trim_matches('"'))
}

/// Whether a line begins what .NET's exporter prints, a name and a value in each line.
fn begins_listing(line: &str) -> bool {
    line.starts_with("Activity.TraceId: ") || line.starts_with("LogRecord.Timestamp: ")
}

/// Whether a line is one of what .NET's exporter prints.
fn is_listed(line: &str) -> bool {
    const STARTS: [&str; 4] = ["Activity.", "LogRecord.", "StatusCode: ", "Resource associated"];
    STARTS.iter().any(|start| line.starts_with(start))
}

/// Whether a line that is no whole object may begin one.
fn begins_object(line: &str) -> bool {
    let Some(rest) = line.trim_start().strip_prefix('{') else { return false };
    let rest = rest.trim();
    rest.is_empty() || rest.starts_with('"')
}

impl Object {
    /// Follows brackets and quotes through a line. JSON strings never span lines.
    fn follow(&mut self, line: &str) {
        self.in_string = false;
        let mut bytes = line.bytes();
        while let Some(byte) = bytes.next() {
            match byte {
                b'"' => self.in_string = !self.in_string,
                b'\\' if self.in_string => {
                    bytes.next();
                }
                b'{' | b'[' if !self.in_string => self.depth += 1,
                b'}' | b']' if !self.in_string => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first line begins a record that was understood; how many lines join it.
    #[track_caller]
    fn check(understood: bool, text: &str, expected: usize) {
        let mut lines = text.lines();
        let mut joiner = Joiner::begin(lines.next().unwrap(), understood);
        let found = lines.take_while(|line| joiner.judge(line, false) != Joined::Apart).count();
        assert_eq!(found, expected, "text: {text}");
    }

    #[test]
    fn a_java_trace_continues_with_all_its_causes() {
        check(
            true,
            "charge failed\njava.io.IOException: reset\nby peer\n\tat A.b(A.java:1)\nCaused by: \
             java.net.X: y\n\t... 12 more\nserver stopped",
            5,
        );
    }

    #[test]
    fn a_python_trace_ends_with_its_type() {
        check(
            true,
            "failed\nTraceback (most recent call last):\n  File \"a\"\n    g()\nValueError: no\n\n\
             During handling of the above exception, another exception occurred:\n\n\
             Traceback (most recent call last):\n  File \"b\"\npay.Declined\nnext line",
            10,
        );
    }

    #[test]
    fn a_go_panic_takes_all_that_follows() {
        check(
            false,
            "panic: nil map\n\ngoroutine 1 [running]:\nmain.pay(0x1)\n\t/src/pay.go:9 +0x1d\n\
             exit status 2\nnext start",
            5,
        );
    }

    #[test]
    fn a_rust_panic_takes_its_message_and_note() {
        check(
            false,
            "thread 'main' panicked at src/x.rs:4:5:\nno stock\nnote: run with \
             `RUST_BACKTRACE=1`\nnext start",
            2,
        );
    }

    #[test]
    fn php_node_and_ruby_traces_continue() {
        check(
            false,
            "PHP Fatal error:  Uncaught E: x in a.php:1\nStack trace:\n#0 {main}\n  thrown in a.php",
            3,
        );
        check(
            true,
            "failed\nTypeError: x\n    at f (a.js:1:2) {\n  code: 'X'\n}\nNode.js v22.1.0",
            5,
        );
        check(false, "a.rb:3:in 'pay': no (CardError)\n\tfrom a.rb:9:in 'main'", 1);
    }

    #[test]
    fn a_printed_object_is_followed_to_its_end() {
        let mut joiner = Joiner::begin("{", false);
        assert_eq!(joiner.judge("  \"a}\": {", false), Joined::Continues);
        assert_eq!(joiner.judge("  }", false), Joined::Continues);
        assert_eq!(joiner.judge("}", false), Joined::Completes);
        assert_eq!(joiner.judge("{", false), Joined::Apart);
    }

    #[test]
    fn an_unfinished_object_does_not_swallow_records() {
        let mut joiner = Joiner::begin("{", false);
        assert_eq!(joiner.judge("2026-11-21 INFO started", true), Joined::Apart);
    }

    #[test]
    fn plain_lines_stand_alone() {
        check(false, "first\nsecond", 0);
        check(false, "Error: first\nsecond", 0);
        check(true, "started\nlistening on 8080", 0);
    }
}
