//! The stages put in a row: ingest and answer.
