//! The names of OpenTelemetry's semantic conventions for what logs call by many names.
//!
//! A field keeps its own name; what it is by convention is added under the convention's
//! name, so that questions by either find it. A bare word (`status`, `path`) counts only in
//! a record that speaks of a call of that kind. Where several names of one record stand for
//! one attribute, the most particular wins; an attribute that the record states itself is
//! never said again.
//!
//! Source: OpenTelemetry semantic conventions 1.44.0.

mod table;

use std::collections::HashMap;
use std::sync::LazyLock;

use foldhash::fast::RandomState;

use crate::context::attribute::table::TABLE;
use crate::context::http;
use crate::model::field::{Field, Value};

/// What a record speaks of; names that are bare words mean something only there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// Anything: the name is unmistakable.
    Any,
    Http,
    Rpc,
    Database,
    Messaging,
}

/// How a value becomes the attribute's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    AsIs,
    /// An HTTP method, alone or before a target.
    Method,
    /// The path of a target or address, without its query.
    Path,
    /// A number, also where it is written as text.
    Number,
    /// The first of several addresses in a list by commas.
    First,
    /// A host, without its port.
    Host,
    /// The port behind a host.
    Port,
    /// An address with its scheme.
    Address,
    /// What stands behind a path's question mark.
    Query,
    /// `http` and its like.
    Scheme,
    /// The name in `HTTP/1.1`, in small letters.
    Protocol,
    /// The version in `HTTP/1.1`, or that alone.
    Version,
    /// The name of something, neither a number nor an output stream.
    Name,
    /// The file in `pay/charge.go:88`, or that alone.
    SourceFile,
    /// The line in `pay/charge.go:88`.
    SourceLine,
}

/// An attribute and the names that stand for it.
#[derive(Debug)]
pub(super) struct Rule {
    target: &'static str,
    subject: Subject,
    form: Form,
    /// Unmistakable names, in any case and with any separators.
    names: &'static [&'static str],
    /// Bare words.
    words: &'static [&'static str],
}

/// A rule and how particular the name is that stands for it.
pub(super) type Naming = (&'static Rule, bool);

/// Containers of fields, no part of a name.
const CONTAINERS: [&str; 15] = [
    "payload",
    "fields",
    "attributes",
    "extra",
    "properties",
    "contextmap",
    "mdc",
    "state",
    "scopes",
    "tags",
    "context",
    "data",
    "attr",
    "attribute",
    "headers",
];

static NAMES: LazyLock<HashMap<String, Vec<Naming>, RandomState>> = LazyLock::new(|| {
    let mut names: HashMap<String, Vec<Naming>, RandomState> = HashMap::default();
    for rule in TABLE {
        let own = rule.names.iter().map(|name| (name, true));
        for (name, is_particular) in own.chain(rule.words.iter().map(|word| (word, false))) {
            names.entry(normalised(name)).or_default().push((rule, is_particular));
        }
    }
    names
});

/// The attributes that a field of this name may be.
pub(super) fn of(name: &str) -> &'static [Naming] {
    let mut rest = name;
    while let Some((container, inner)) = rest.split_once('.') {
        if !CONTAINERS.contains(&normalised(container).as_str()) {
            break;
        }
        rest = inner;
    }
    let known = NAMES.get(&normalised(rest)).map_or(&[][..], Vec::as_slice);
    // A field that has the convention's own name says all itself.
    if known.iter().any(|(rule, _)| rule.target == name) { &[] } else { known }
}

/// Lower case without separators.
fn normalised(name: &str) -> String {
    let kept = name.chars().filter(|letter| !matches!(letter, '_' | '-' | '.' | ' ' | ':' | '@'));
    kept.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// What the fields of one record may be by convention. Borrows from it.
#[derive(Debug, Default)]
pub(super) struct Attributes<'a> {
    candidates: Vec<(&'static Naming, &'a Value)>,
}

impl<'a> Attributes<'a> {
    /// Takes in a field whose name may stand for these attributes.
    pub(super) fn take(&mut self, namings: &'static [Naming], value: &'a Value) {
        self.candidates.extend(namings.iter().map(|naming| (naming, value)));
    }

    /// The attributes of a record that speaks of these subjects and has these `fields`;
    /// `said` is what its message says.
    pub(super) fn settle(
        self,
        subjects: &[Subject],
        fields: &[Field],
        said: Vec<Field>,
    ) -> Vec<Field> {
        let mut found: Vec<(Field, bool)> = Vec::new();
        for ((rule, is_particular), value) in self.candidates {
            if rule.subject != Subject::Any && !subjects.contains(&rule.subject) {
                continue;
            }
            let Some(value) = rule.form.read(value) else { continue };
            let field = Field { name: rule.target.to_owned(), value };
            match found.iter_mut().find(|(known, _)| known.name == rule.target) {
                None => found.push((field, *is_particular)),
                Some(known) if *is_particular && !known.1 => *known = (field, true),
                Some(_) => {}
            }
        }
        let mut added: Vec<Field> = found.into_iter().map(|(field, _)| field).collect();
        for field in said {
            if !added.iter().any(|known| known.name == field.name) {
                added.push(field);
            }
        }
        added.retain(|field| fields.iter().all(|own| own.name != field.name));
        added
    }
}

impl Form {
    /// The value in the attribute's form; none where there is no such value in it.
    fn read(self, value: &Value) -> Option<Value> {
        if let (Self::First | Self::AsIs, Value::Boolean(_) | Value::List(_)) = (self, value) {
            return Some(value.clone());
        }
        let text = value.as_text()?.trim();
        if text.is_empty() || text == "-" {
            return None;
        }
        let kept = |text: &str| Some(Value::Text(text.to_owned()));
        match self {
            Self::AsIs => Some(value.clone()),
            Self::Number => number(text),
            Self::Method => {
                let method = text.split(' ').next()?;
                http::is_method(method).then(|| kept(method))?
            }
            Self::Path => kept(path(text)?),
            Self::First => kept(text.split(',').next()?.trim()),
            Self::Host => kept(http::without_port(http::authority(text).unwrap_or(text))),
            Self::Port => number(http::port(http::authority(text).unwrap_or(text))?),
            Self::Address => http::authority(text).and_then(|_| kept(text)),
            Self::Query => is_query(text).then(|| kept(text))?,
            Self::Scheme => is_scheme(text).then(|| kept(text))?,
            Self::Protocol => {
                let (name, _) = text.split_once('/').filter(|(_, version)| is_number(version))?;
                Some(Value::Text(name.to_ascii_lowercase()))
            }
            Self::Version => {
                let version = text.split_once('/').map_or(text, |(_, version)| version);
                is_number(version).then(|| kept(version))?
            }
            Self::Name => (!is_number(text) && !is_output(text)).then(|| kept(text))?,
            Self::SourceFile => source(text).and_then(|(file, _)| kept(file)),
            Self::SourceLine => source(text).and_then(|(_, line)| number(line?)),
        }
    }
}

fn number(text: &str) -> Option<Value> {
    is_number(text).then(|| Value::Number(text.to_owned()))
}

fn is_query(text: &str) -> bool {
    let is_open = |letter: char| letter.is_whitespace() || matches!(letter, '{' | '}' | '"');
    text.contains('=') && !text.contains(is_open)
}

fn is_scheme(text: &str) -> bool {
    ["http", "https", "ws", "wss"].iter().any(|scheme| text.eq_ignore_ascii_case(scheme))
}

fn is_output(text: &str) -> bool {
    matches!(text, "stdout" | "stderr")
}

/// A file of source code, by its ending, and the line behind it.
fn source(text: &str) -> Option<(&str, Option<&str>)> {
    const ENDINGS: [&str; 22] = [
        "go", "py", "java", "kt", "scala", "groovy", "js", "mjs", "cjs", "ts", "tsx", "rs", "rb",
        "php", "cs", "c", "cc", "cpp", "ex", "erl", "lua", "swift",
    ];
    let (file, line) = match text.rsplit_once(':') {
        Some((file, line)) if !line.is_empty() && is_number(line) => (file, Some(line)),
        _ => (text, None),
    };
    let (stem, ending) = file.rsplit_once('.')?;
    let is_file = !stem.is_empty() && !file.contains(char::is_whitespace);
    (is_file && ENDINGS.contains(&ending)).then_some((file, line))
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && text.bytes().any(|byte| byte.is_ascii_digit())
}

/// The path in a path, an address, or a whole request line.
fn path(text: &str) -> Option<&str> {
    let target = match text.split_once(' ') {
        Some((method, rest)) if http::is_method(method) => rest.split(' ').next().unwrap_or(rest),
        _ => text,
    };
    let path = match target.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |slash| &rest[slash..]),
        None => target,
    };
    let path = path.split(['?', '#']).next()?;
    path.starts_with('/').then_some(path)
}

#[cfg(test)]
mod conventions;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(fields: &[(&str, &str)], subjects: &[Subject], expected: &[(&str, &str)]) {
        let fields: Vec<Field> =
            fields.iter().map(|(name, value)| Field::text(*name, *value)).collect();
        let mut attributes = Attributes::default();
        for field in &fields {
            attributes.take(of(&field.name), &field.value);
        }
        let found = attributes.settle(subjects, &fields, Vec::new());
        let found: Vec<(&str, String)> =
            found.iter().map(|field| (field.name.as_str(), field.value.to_string())).collect();
        let expected: Vec<(&str, String)> =
            expected.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        assert_eq!(found, expected, "fields: {fields:?}");
    }

    #[test]
    fn names_of_every_framework_become_those_of_the_conventions() {
        for name in ["http.status_code", "httpStatusCode", "res.statusCode", "sc-status"] {
            check(&[(name, "503")], &[], &[("http.response.status_code", "503")]);
        }
        check(&[("kubernetes.pod_name", "pay-0")], &[], &[("k8s.pod.name", "pay-0")]);
        check(&[("userId", "42")], &[], &[("user.id", "42")]);
        check(&[("db.statement", "SELECT 1")], &[], &[("db.query.text", "SELECT 1")]);
    }

    #[test]
    fn a_bare_word_counts_only_where_it_is_spoken_of() {
        check(&[("status", "200")], &[], &[]);
        check(&[("status", "200")], &[Subject::Http], &[("http.response.status_code", "200")]);
        check(&[("status", "OK")], &[Subject::Http], &[]);
        check(&[("topic", "orders")], &[Subject::Http], &[]);
        let topic = [("messaging.destination.name", "orders")];
        check(&[("topic", "orders")], &[Subject::Messaging], &topic);
    }

    #[test]
    fn the_most_particular_name_wins_and_nothing_is_said_twice() {
        let both = [("status", "200"), ("http.status_code", "503")];
        check(&both, &[Subject::Http], &[("http.response.status_code", "503")]);
        let stated = [("http.response.status_code", "503"), ("status", "200")];
        check(&stated, &[Subject::Http], &[]);
    }

    #[test]
    fn a_target_is_parted() {
        check(
            &[("request", "GET /stock/A-19?x=1 HTTP/1.1")],
            &[Subject::Http],
            &[("http.request.method", "GET"), ("url.path", "/stock/A-19")],
        );
        check(
            &[("url", "http://pay:80/x?y")],
            &[Subject::Http],
            &[
                ("url.path", "/x"),
                ("url.full", "http://pay:80/x?y"),
                ("server.address", "pay"),
                ("server.port", "80"),
            ],
        );
        check(&[("path", "-")], &[Subject::Http], &[]);
    }
}
