//! Reads the samples and rejects of a definition file.

use toml::de::DeValue;

use crate::decode::definition::{Reject, Sample};
use crate::decode::error::{DefinitionError, Place};
use crate::decode::loader::{File, Table, Value};

impl File<'_> {
    fn tables<'v, 'i>(
        &self,
        table: &'v Table<'i>,
        key: &'static str,
        known: &'static [&'static str],
    ) -> Result<Vec<(&'v Value<'i>, &'v Table<'i>)>, DefinitionError> {
        let Some(value) = table.get(key) else { return Ok(Vec::new()) };
        let wrong = || self.wrong(key, value, &format!("written as [[{key}]]"));
        let array = value.get_ref().as_array().ok_or_else(wrong)?;
        array
            .iter()
            .map(|value| {
                let table = value.get_ref().as_table().ok_or_else(wrong)?;
                self.check_keys(table, known)?;
                Ok((value, table))
            })
            .collect()
    }

    fn line(
        &self,
        value: &Value<'_>,
        table: &Table<'_>,
    ) -> Result<(Place, String), DefinitionError> {
        let line = self.text(table, "line")?;
        let missing = || DefinitionError::KeyMissing { place: self.place_of(value), key: "line" };
        let place =
            table.get("line").map_or_else(|| self.place_of(value), |line| self.place_of(line));
        Ok((place, line.ok_or_else(missing)?))
    }

    pub(super) fn samples(&self, table: &Table<'_>) -> Result<Vec<Sample>, DefinitionError> {
        let tables = self.tables(table, "sample", &["line", "expect"])?;
        tables
            .into_iter()
            .map(|(value, table)| {
                let (place, line) = self.line(value, table)?;
                let Some(found) = table.get("expect") else {
                    let place = self.place_of(value);
                    return Err(DefinitionError::KeyMissing { place, key: "expect" });
                };
                let Some(fields) = found.get_ref().as_table() else {
                    return Err(self.wrong("expect", found, "a table"));
                };
                let mut expect = Vec::new();
                self.flatten("", fields, &mut expect)?;
                Ok(Sample { place, line, expect })
            })
            .collect()
    }

    /// Names and values of an `expect` table; names may be nested or have dots.
    fn flatten(
        &self,
        prefix: &str,
        table: &Table<'_>,
        found: &mut Vec<(Place, String, String)>,
    ) -> Result<(), DefinitionError> {
        for (key, value) in table {
            let name = format!("{prefix}{}", key.get_ref());
            if let Some(inner) = value.get_ref().as_table() {
                self.flatten(&format!("{name}."), inner, found)?;
                continue;
            }
            let text = plain_text(value.get_ref())
                .ok_or_else(|| self.wrong(&name, value, "a text, number or truth value"))?;
            found.push((self.place_of(value), name, text));
        }
        Ok(())
    }

    pub(super) fn rejects(&self, table: &Table<'_>) -> Result<Vec<Reject>, DefinitionError> {
        let tables = self.tables(table, "reject", &["line"])?;
        tables
            .into_iter()
            .map(|(value, table)| {
                let (place, line) = self.line(value, table)?;
                Ok(Reject { place, line })
            })
            .collect()
    }
}

/// A text, number or truth value as text.
pub(super) fn plain_text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(value) => Some(value.to_string()),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}
