//! A request in brief, on the wire; its id stands before it.

use serde::Serialize;

use crate::render::brief::Brief;

/// What every object that stands for a request says of it.
#[derive(Serialize)]
pub(super) struct WireBrief<'a> {
    start: Option<String>,
    duration_nano: Option<i64>,
    root_service: Option<&'a str>,
    root_operation: Option<&'a str>,
    services: usize,
    spans: usize,
    lines: usize,
    errors: usize,
}

impl<'a> WireBrief<'a> {
    pub(super) fn of(request: &'a Brief) -> Self {
        let known = |text: &'a str| (!text.is_empty()).then_some(text);
        Self {
            start: request.start.map(|start| start.to_string()),
            duration_nano: request.duration,
            root_service: known(&request.root_service),
            root_operation: known(&request.root_operation),
            services: request.services,
            spans: request.spans,
            lines: request.lines,
            errors: request.errors,
        }
    }
}
