//! Reads what a definition adds to its lines: `copy` and `set`, `continue` and `header`.

use crate::decode::enrich::{Copy, Cut};
use crate::decode::error::DefinitionError;
use crate::decode::loader::samples::plain_text;
use crate::decode::loader::{File, Table, Value};
use crate::decode::shape::Pattern;

impl File<'_> {
    /// `copy = { duration_ms = "latencies.request", service = { from = "group", pattern = … } }`.
    pub(super) fn copies(&self, table: &Table<'_>) -> Result<Vec<Copy>, DefinitionError> {
        let Some(value) = table.get("copy") else { return Ok(Vec::new()) };
        let Some(copies) = value.get_ref().as_table() else {
            return Err(self.wrong("copy", value, "a table"));
        };
        let read = |(target, value): (&toml::Spanned<_>, &Value<'_>)| {
            let target: &std::borrow::Cow<'_, str> = target.get_ref();
            self.copy(target, value)
        };
        copies.iter().map(read).collect()
    }

    fn copy(&self, target: &str, value: &Value<'_>) -> Result<Copy, DefinitionError> {
        if let Some(from) = value.get_ref().as_str() {
            return Ok(Copy { target: target.to_owned(), from: from.to_owned(), cut: None });
        }
        let wrong = || self.wrong(target, value, "a field's name, or { from = …, pattern = … }");
        let table = value.get_ref().as_table().ok_or_else(wrong)?;
        self.check_keys(table, &["from", "pattern"])?;
        let from = self.text(table, "from")?.ok_or_else(wrong)?;
        let cut = match self.text(table, "pattern")? {
            Some(source) => Some(Cut::new(&source).map_err(|_| wrong())?),
            None => None,
        };
        Ok(Copy { target: target.to_owned(), from, cut })
    }

    /// `set = { "span.kind" = "server" }`.
    pub(super) fn constants(
        &self,
        table: &Table<'_>,
    ) -> Result<Vec<(String, String)>, DefinitionError> {
        let Some(value) = table.get("set") else { return Ok(Vec::new()) };
        let Some(constants) = value.get_ref().as_table() else {
            return Err(self.wrong("set", value, "a table"));
        };
        let read = |(name, value): (&toml::Spanned<std::borrow::Cow<'_, str>>, &Value<'_>)| {
            let text = plain_text(value.get_ref());
            let text = text.ok_or_else(|| self.wrong(name.get_ref(), value, "a text"))?;
            Ok((name.get_ref().to_string(), text))
        };
        constants.iter().map(read).collect()
    }

    /// The patterns of lines that continue a record; they need no message.
    pub(super) fn continues(&self, table: &Table<'_>) -> Result<Vec<Pattern>, DefinitionError> {
        let Some(value) = table.get("continue") else { return Ok(Vec::new()) };
        let list = self.list("continue", value)?;
        list.into_iter()
            .map(|(value, text)| {
                Pattern::of_any(text).map_err(|mistake| self.pattern_error(value, mistake))
            })
            .collect()
    }

    pub(super) fn is_w3c(&self, table: &Table<'_>) -> Result<bool, DefinitionError> {
        match (table.get("header"), self.text(table, "header")?.as_deref()) {
            (None, _) => Ok(false),
            (_, Some("#Fields:")) => Ok(true),
            (Some(value), _) => Err(self.wrong("header", value, "`#Fields:`, or left out")),
        }
    }
}
