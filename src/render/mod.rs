//! Rows to bytes: terminal text, tables, JSON.
