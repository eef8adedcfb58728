//! Finds groups by what the templates of their lines say.
//!
//! The terms that all lines of a template have stand in the index once, in a document of the
//! template; a group says only which templates its lines are of. A query for terms finds
//! documents of both; here the templates among them become the groups that have them.

use tantivy::query::{BooleanQuery, EnableScoring, Query, TermSetQuery, Weight};
use tantivy::{DocSet, Searcher, TERMINATED, TantivyError, Term};

use crate::store::embedded::schema::{Fields, column};

/// What a query finds, and the groups with lines of the templates that it finds.
#[derive(Debug)]
pub(super) struct ByTemplate {
    query: Box<dyn Query>,
    fields: Fields,
}

impl ByTemplate {
    /// With a query for terms.
    pub(super) fn boxed(query: Box<dyn Query>, fields: &Fields) -> Box<dyn Query> {
        Box::new(Self { query, fields: *fields })
    }
}

impl Clone for ByTemplate {
    fn clone(&self) -> Self {
        Self { query: self.query.box_clone(), fields: self.fields }
    }
}

impl Query for ByTemplate {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let without = || TantivyError::InvalidArgument("a store's query needs its index".into());
        let searcher = scoring.searcher().ok_or_else(without)?;
        let templates = templates(&*self.query, &self.fields, searcher)?;
        if templates.is_empty() {
            return self.query.weight(scoring);
        }
        let by_template = Box::new(TermSetQuery::new(templates)) as Box<dyn Query>;
        BooleanQuery::union(vec![self.query.box_clone(), by_template]).weight(scoring)
    }
}

/// The templates that a query finds, as the terms by which groups name them.
pub(super) fn templates(
    query: &dyn Query,
    fields: &Fields,
    searcher: &Searcher,
) -> tantivy::Result<Vec<Term>> {
    let weight = query.weight(EnableScoring::disabled_from_searcher(searcher))?;
    let mut found = Vec::new();
    for segment in searcher.segment_readers() {
        let Some(numbers) = segment.fast_fields().column_opt::<u64>(column::NUMBER)? else {
            continue;
        };
        let mut documents = weight.scorer(segment, 1.0)?;
        let mut document = documents.doc();
        while document != TERMINATED {
            found.extend(
                numbers.first(document).map(|number| Term::from_field_u64(fields.template, number)),
            );
            document = documents.advance();
        }
    }
    Ok(found)
}
