//! logloom reads the logs of many services and shows one request as one causal story.
//!
//! A line travels `source → decode → context → store`; a question travels
//! `query → store → trace → analysis → timeline → render`. They meet in the store.
//! The list below is the architecture: a module imports only modules above it, and a
//! test holds this.

pub mod model;
pub mod source;
pub mod decode;
pub mod context;
pub mod template;
pub mod query;
pub mod store;
pub mod trace;
pub mod analysis;
pub mod timeline;
pub mod engine;
pub mod render;
pub mod cli;
