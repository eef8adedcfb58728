//! Reads a definition file. Every mistake is told with its line and a way out.

mod additions;
mod nearest;
mod rules;
mod samples;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::decode::definition::{Definition, Definitions, Envelope, Origin};
use crate::decode::error::{DefinitionError, Place};
use crate::decode::keys::{Keys, ROLES, Role};
use crate::decode::loader::nearest::nearest;
use crate::decode::severity;
use crate::decode::shape::json::REQUIRED_MAX;
use crate::decode::shape::{
    JsonShape, PATTERN_BYTES_MAX, Pattern, PatternMistake, Shape, TableShape,
};
use crate::model::severity::Severity;

/// A larger file is no definition: ours are a few kilobytes.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// The keys of a definition.
const KEYS: [&str; 25] = [
    "name",
    "about",
    "shape",
    "priority",
    "envelope",
    "records",
    "lookup",
    "pattern",
    "require",
    "numbers",
    "refuse",
    "keys",
    "time",
    "severity",
    "levels",
    "default_level",
    "absent",
    "service",
    "message",
    "copy",
    "set",
    "continue",
    "header",
    "sample",
    "reject",
];

type Table<'a> = DeTable<'a>;
type Value<'a> = Spanned<DeValue<'a>>;

/// Reads all `*.toml` files of a directory, in the order of their names.
pub(super) fn read_directory(directory: &Path) -> Result<Vec<Arc<Definition>>, DefinitionError> {
    let unreadable = |cause| DefinitionError::Unreadable { path: directory.to_owned(), cause };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    let mut list: Vec<Arc<Definition>> = Vec::new();
    for path in paths {
        let definition = read_file(&path)?;
        if let Some(other) = list.iter().find(|other| other.name == definition.name) {
            return Err(DefinitionError::NameTaken {
                place: definition.place.clone(),
                name: definition.name.to_string(),
                other: other.place.path.clone(),
            });
        }
        list.push(Arc::new(definition));
    }
    Ok(list)
}

/// Reads one file of a user.
pub(super) fn read_file(path: &Path) -> Result<Definition, DefinitionError> {
    let unreadable = |cause| DefinitionError::Unreadable { path: path.to_owned(), cause };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > FILE_BYTES_MAX {
        return Err(DefinitionError::FileTooLarge { path: path.to_owned(), limit: FILE_BYTES_MAX });
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let embedded = Definitions::embedded();
    parse(&text, path, Origin::File(path.to_owned()), Some(embedded.general()))
}

/// Reads a definition. Where it lists no keys for a role, those of `general` are taken.
pub(super) fn parse(
    text: &str,
    path: &Path,
    origin: Origin,
    general: Option<&Keys>,
) -> Result<Definition, DefinitionError> {
    let file = File { text, path };
    let table = DeTable::parse(text).map_err(|error| DefinitionError::Syntax {
        place: file.place(error.span().map_or(0, |span| span.start)),
        message: error.message().lines().next().unwrap_or_default().to_owned(),
    })?;
    file.definition(table.get_ref(), origin, general)
}

/// A file being read, to tell places in it.
struct File<'a> {
    text: &'a str,
    path: &'a Path,
}

impl File<'_> {
    fn place(&self, offset: usize) -> Place {
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        Place { path: PathBuf::from(self.path), line }
    }

    fn place_of(&self, value: &Value<'_>) -> Place {
        self.place(value.span().start)
    }

    fn wrong(&self, key: &str, value: &Value<'_>, expected: &str) -> DefinitionError {
        DefinitionError::WrongValue {
            place: self.place_of(value),
            key: key.to_owned(),
            expected: expected.to_owned(),
        }
    }

    fn definition(
        &self,
        table: &Table<'_>,
        origin: Origin,
        general: Option<&Keys>,
    ) -> Result<Definition, DefinitionError> {
        self.check_keys(table, &KEYS)?;
        let name = self.needed_text(table, "name")?;
        let about = self.needed_text(table, "about")?;
        let envelope = self.envelope(table)?;
        // An envelope's keys are its own: inner lines must not be taken for envelopes.
        let is_table = self.text(table, "shape")?.as_deref() == Some("table");
        let shape = self.shape(table, general.filter(|_| envelope.is_none() || is_table))?;
        let samples = self.samples(table)?;
        if samples.is_empty() {
            return Err(DefinitionError::KeyMissing { place: self.place(0), key: "sample" });
        }
        Ok(Definition {
            name: name.into(),
            about,
            origin,
            place: self.place(0),
            priority: self.integer(table, "priority")?.unwrap_or(0),
            envelope,
            batch: self.batch(table)?,
            shape,
            continues: self.continues(table)?,
            rules: self.rules(table)?,
            samples,
            rejects: self.rejects(table)?,
        })
    }

    fn check_keys(
        &self,
        table: &Table<'_>,
        known: &'static [&'static str],
    ) -> Result<(), DefinitionError> {
        for key in table.keys() {
            let name = key.get_ref().as_ref();
            if !known.contains(&name) {
                return Err(DefinitionError::UnknownKey {
                    place: self.place(key.span().start),
                    key: name.to_owned(),
                    nearest: nearest(name, known),
                });
            }
        }
        Ok(())
    }

    fn text(
        &self,
        table: &Table<'_>,
        key: &'static str,
    ) -> Result<Option<String>, DefinitionError> {
        let Some(value) = table.get(key) else { return Ok(None) };
        match value.get_ref().as_str() {
            Some(text) => Ok(Some(text.to_owned())),
            None => Err(self.wrong(key, value, "a text")),
        }
    }

    fn needed_text(&self, table: &Table<'_>, key: &'static str) -> Result<String, DefinitionError> {
        let missing = || DefinitionError::KeyMissing { place: self.place(0), key };
        self.text(table, key)?.filter(|text| !text.is_empty()).ok_or_else(missing)
    }

    fn integer(
        &self,
        table: &Table<'_>,
        key: &'static str,
    ) -> Result<Option<i64>, DefinitionError> {
        let Some(value) = table.get(key) else { return Ok(None) };
        let number = value.get_ref().as_integer().and_then(|number| number.as_str().parse().ok());
        number.map(Some).ok_or_else(|| self.wrong(key, value, "a whole number"))
    }

    /// A text or a list of texts, each with its place.
    fn list<'v, 'i>(
        &self,
        key: &str,
        value: &'v Value<'i>,
    ) -> Result<Vec<(&'v Value<'i>, &'v str)>, DefinitionError> {
        let wrong = || self.wrong(key, value, "a text or a list of texts");
        let values = match value.get_ref() {
            DeValue::String(_) => vec![value],
            DeValue::Array(values) => values.iter().collect(),
            _ => return Err(wrong()),
        };
        values
            .into_iter()
            .map(|value| Ok((value, value.get_ref().as_str().ok_or_else(wrong)?)))
            .collect()
    }

    fn texts(&self, table: &Table<'_>, key: &str) -> Result<Vec<String>, DefinitionError> {
        let Some(value) = table.get(key) else { return Ok(Vec::new()) };
        let list = self.list(key, value)?;
        Ok(list.into_iter().map(|(_, text)| text.to_owned()).collect())
    }

    fn envelope(&self, table: &Table<'_>) -> Result<Option<Envelope>, DefinitionError> {
        let Some(value) = table.get("envelope") else { return Ok(None) };
        match value.get_ref().as_str() {
            Some("transport") => Ok(Some(Envelope::Transport)),
            Some("log") => Ok(Some(Envelope::Log)),
            _ => Err(self.wrong("envelope", value, "`transport` or `log`")),
        }
    }

    fn shape(&self, table: &Table<'_>, general: Option<&Keys>) -> Result<Shape, DefinitionError> {
        let Some(value) = table.get("shape") else {
            return Err(DefinitionError::KeyMissing { place: self.place(0), key: "shape" });
        };
        let shape = value.get_ref().as_str().unwrap_or_default();
        if !["json", "logfmt", "ltsv", "table", "pattern", "scan"].contains(&shape) {
            return Err(self.wrong(
                "shape",
                value,
                "`json`, `logfmt`, `ltsv`, `table`, `pattern` or `scan`",
            ));
        }
        let is_text = matches!(shape, "pattern" | "scan");
        if let Some((key, _)) = table.iter().find(|(key, _)| {
            let of_json = ["require", "numbers", "refuse", "keys", "message", "records", "lookup"]
                .contains(&key.get_ref().as_ref());
            (is_text && of_json) || (shape != "pattern" && key.get_ref() == "pattern")
        }) {
            return Err(DefinitionError::WrongValue {
                place: self.place(key.span().start),
                key: key.get_ref().to_string(),
                expected: "left out: it does not go with this shape".to_owned(),
            });
        }
        match shape {
            "pattern" => self.patterns(table).map(Shape::Pattern),
            "json" => self.json(table, general).map(Shape::Json),
            "scan" => Ok(Shape::Scan),
            "table" => Ok(Shape::Table(TableShape {
                is_w3c: self.is_w3c(table)?,
                keys: self.keys(table, Some(general.unwrap_or(&Keys::default())))?,
            })),
            "ltsv" => self.json(table, general).map(Shape::Ltsv),
            _ => self.json(table, general).map(Shape::Logfmt),
        }
    }

    fn json(
        &self,
        table: &Table<'_>,
        general: Option<&Keys>,
    ) -> Result<JsonShape, DefinitionError> {
        let shape = JsonShape {
            require: self.texts(table, "require")?,
            numbers: self.texts(table, "numbers")?,
            refuse: self.texts(table, "refuse")?,
            keys: self.keys(table, general)?,
        };
        if let Some(value) = table.get("require")
            && shape.require.len() + shape.numbers.len() > REQUIRED_MAX
        {
            return Err(self.wrong("require", value, "shorter"));
        }
        Ok(shape)
    }

    fn keys(&self, table: &Table<'_>, general: Option<&Keys>) -> Result<Keys, DefinitionError> {
        const NAMES: [&str; ROLES.len()] = {
            let mut names = [""; ROLES.len()];
            let mut index = 0;
            while index < names.len() {
                names[index] = ROLES[index].0;
                index += 1;
            }
            names
        };
        let mut keys = Keys::default();
        if let Some(value) = table.get("keys") {
            let lists = value.get_ref().as_table();
            let lists = lists.ok_or_else(|| self.wrong("keys", value, "a table"))?;
            self.check_keys(lists, &NAMES)?;
            for (name, role) in ROLES {
                for key in self.texts(lists, name)? {
                    keys.add(role, &key);
                }
            }
        }
        if let Some(general) = general {
            // A format that only one program writes knows its service already.
            let except = table.get("service").map(|_| Role::Service);
            keys.complete(general, except);
        }
        Ok(keys)
    }

    fn patterns(&self, table: &Table<'_>) -> Result<Vec<Pattern>, DefinitionError> {
        let Some(value) = table.get("pattern") else {
            return Err(DefinitionError::KeyMissing { place: self.place(0), key: "pattern" });
        };
        let list = self.list("pattern", value)?;
        list.into_iter()
            .map(|(value, text)| {
                Pattern::new(text).map_err(|mistake| self.pattern_error(value, mistake))
            })
            .collect()
    }

    fn pattern_error(&self, value: &Value<'_>, mistake: PatternMistake) -> DefinitionError {
        let mut place = self.place_of(value);
        match mistake {
            PatternMistake::MessageMissing => DefinitionError::MessageGroupMissing { place },
            PatternMistake::TooLarge => {
                DefinitionError::PatternTooLarge { place, limit: PATTERN_BYTES_MAX }
            }
            PatternMistake::Syntax { line, column, message } => {
                // TOML drops a line's end that follows the opening quotes directly.
                let source = self.text.get(value.span()).unwrap_or_default();
                let opening = source.trim_start_matches(['\'', '"']);
                place.line += line - 1 + usize::from(opening.starts_with(['\r', '\n']));
                DefinitionError::Pattern { place, column, message }
            }
        }
    }
}

/// A severity by its name or its number on OpenTelemetry's scale.
pub(super) fn level(text: &str) -> Option<Severity> {
    match text.parse() {
        Ok(number) => Severity::new(number),
        Err(_) => severity::read(text, severity::Scale::OpenTelemetry),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::severity::SCALES;

    const RIGHT: &str = "name = 'x'\nabout = 'An x.'\nshape = 'pattern'\n";
    const SAMPLE: &str = "[[sample]]\nline = 'a'\nexpect = { message = 'a' }\n";

    /// What is wrong with a file, its line, and what to do.
    #[track_caller]
    fn check(text: &str, expected: &str, hint: Option<&str>) {
        let error = parse(text, Path::new("x.toml"), Origin::Embedded, None).unwrap_err();
        assert_eq!(error.to_string(), expected, "file: {text}");
        assert_eq!(error.hint().as_deref(), hint, "file: {text}");
    }

    #[test]
    fn mistakes_are_told_with_their_line_and_a_way_out() {
        check(
            &format!("{RIGHT}patern = 'x'\n"),
            "x.toml:4: unknown key `patern`",
            Some("did you mean `pattern`?"),
        );
        check(
            &format!("{RIGHT}pattern = '(?<time>.*)'\n{SAMPLE}"),
            "x.toml:4: pattern has no group named `message`",
            Some("name the part that holds the text: (?<message>.*)"),
        );
        check(
            &format!("{RIGHT}pattern = '''(?x) ^\n  (?<time>\\S+ \\s\n'''\n{SAMPLE}"),
            "x.toml:5: pattern, column 3: unclosed group",
            Some("write patterns between ''' so that backslashes stay as they are"),
        );
        check(
            &format!("{RIGHT}pattern = '(?<message>.*)$'\n"),
            "x.toml:1: `sample` is missing",
            Some("add a [[sample]] with a `line` and what to `expect` of it"),
        );
    }

    #[test]
    fn values_of_the_wrong_kind_are_refused() {
        check("name = 3", "x.toml:1: `name` must be a text", None);
        check("name = ", "x.toml:1: string values must be quoted, expected literal string", None);
        check(
            "name = 'x'\nabout = 'x'\nshape = 'csv'",
            "x.toml:3: `shape` must be `json`, `logfmt`, `ltsv`, `table`, `pattern` or `scan`",
            None,
        );
        check(
            &format!("{RIGHT}pattern = '(?<message>.*)'\nlevels = {{ x = 'loud' }}\n{SAMPLE}"),
            "x.toml:5: `x` must be a level's name or a number from 1 to 24",
            None,
        );
        check(
            &format!("{RIGHT}pattern = '(?<message>.*)'\nrequire = ['a']\n{SAMPLE}"),
            "x.toml:5: `require` must be left out: it does not go with this shape",
            None,
        );
    }

    #[test]
    fn the_schema_for_editors_has_the_keys_that_are_read() {
        let schema = include_str!("../../../docs/schema/parser.schema.json");
        let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
        let names = |part: &serde_json::Value| {
            let mut names: Vec<String> = part.as_object().unwrap().keys().cloned().collect();
            names.sort();
            names
        };
        let sorted = |names: &[&str]| {
            let mut names: Vec<String> = names.iter().map(ToString::to_string).collect();
            names.sort();
            names
        };
        assert_eq!(names(&schema["properties"]), sorted(&KEYS));
        let roles = ROLES.map(|(name, _)| name);
        assert_eq!(names(&schema["properties"]["keys"]["properties"]), sorted(&roles));
        let scales: Vec<&str> = SCALES.iter().map(|(name, _)| *name).collect();
        let of_schema = schema["properties"]["severity"]["enum"].as_array().unwrap();
        let of_schema: Vec<&str> = of_schema.iter().filter_map(|name| name.as_str()).collect();
        assert_eq!(sorted(&of_schema), sorted(&scales));
    }

    #[test]
    fn a_time_form_that_cannot_be_read_is_refused() {
        let text = format!("{RIGHT}pattern = '(?<message>.*)'\ntime = '%Y %q'\n{SAMPLE}");
        let error = parse(&text, Path::new("x.toml"), Origin::Embedded, None).unwrap_err();
        assert!(matches!(error, DefinitionError::TimeForm { place, .. } if place.line == 5));
    }
}
