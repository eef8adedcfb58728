//! Reads how a definition's parts are to be understood, and where records are inside others.

use crate::decode::batch::Batch;
use crate::decode::draft::Rules;
use crate::decode::error::DefinitionError;
use crate::decode::loader::samples::plain_text;
use crate::decode::loader::{File, Table, level};
use crate::decode::severity::SCALES;
use crate::decode::timestamp;
use crate::model::severity::Severity;

impl File<'_> {
    /// The path to the records of a document, and what is looked up around them.
    pub(super) fn batch(&self, table: &Table<'_>) -> Result<Option<Batch>, DefinitionError> {
        let Some(path) = self.text(table, "records")? else { return Ok(None) };
        let mut batch =
            Batch { path: path.split('.').map(str::to_owned).collect(), ..Batch::default() };
        if let Some(value) = table.get("lookup") {
            let wrong = || self.wrong("lookup", value, "a table of texts");
            for (member, named) in value.get_ref().as_table().ok_or_else(wrong)? {
                let named = named.get_ref().as_str().ok_or_else(wrong)?;
                batch.lookup.push((member.get_ref().to_string(), named.to_owned()));
            }
        }
        Ok(Some(batch))
    }

    pub(super) fn rules(&self, table: &Table<'_>) -> Result<Rules, DefinitionError> {
        let mut rules = Rules {
            absent: self.texts(table, "absent")?,
            service: self.text(table, "service")?,
            message: self.text(table, "message")?,
            levels: self.levels(table)?,
            copies: self.copies(table)?,
            constants: self.constants(table)?,
            default_level: self.default_level(table)?,
            ..Rules::default()
        };
        if let Some(value) = table.get("time") {
            for (value, form) in self.list("time", value)? {
                timestamp::check_pattern(form).map_err(|message| DefinitionError::TimeForm {
                    place: self.place_of(value),
                    form: form.to_owned(),
                    message,
                })?;
                rules.times.push(form.to_owned());
            }
        }
        if let Some(value) = table.get("severity") {
            let name = value.get_ref().as_str();
            let scale = SCALES.iter().find(|(scale, _)| Some(*scale) == name);
            let expected = || SCALES.map(|(name, _)| format!("`{name}`")).join(", ");
            rules.scale = scale
                .map(|(_, scale)| *scale)
                .ok_or_else(|| self.wrong("severity", value, &format!("one of {}", expected())))?;
        }
        Ok(rules)
    }

    fn default_level(&self, table: &Table<'_>) -> Result<Option<Severity>, DefinitionError> {
        let Some(value) = table.get("default_level") else { return Ok(None) };
        let severity = plain_text(value.get_ref()).and_then(|text| level(&text));
        let expected = "a level's name or a number from 1 to 24";
        severity.map(Some).ok_or_else(|| self.wrong("default_level", value, expected))
    }

    fn levels(&self, table: &Table<'_>) -> Result<Vec<(String, Severity)>, DefinitionError> {
        let Some(value) = table.get("levels") else { return Ok(Vec::new()) };
        let Some(levels) = value.get_ref().as_table() else {
            return Err(self.wrong("levels", value, "a table"));
        };
        levels
            .iter()
            .map(|(word, value)| {
                let severity = plain_text(value.get_ref()).and_then(|text| level(&text));
                let expected = "a level's name or a number from 1 to 24";
                let severity = severity.ok_or_else(|| self.wrong(word.get_ref(), value, expected));
                Ok((word.get_ref().to_string(), severity?))
            })
            .collect()
    }
}
