//! What a record says of the whole operation it belongs to: name, side, outcome, duration.
//!
//! From fields where the record is known to speak of an operation (a method with a path or
//! status, an RPC, a span record), from the fixed words of known frameworks otherwise. A
//! bare `status` or `duration` elsewhere says nothing of a span and is left alone.

mod whole;

use crate::context::attribute::Subject;
use crate::context::carrier::Carried;
use crate::context::duration::{self, Naming};
use crate::context::operation_part::{Part, kind};
use crate::context::{http, rpc, statement};
use crate::model::field::{Field, Value};
use crate::model::record::Record;
use crate::model::span::{Mark, Operation, SpanKind, SpanStatus};
use crate::model::time::Timestamp;

/// What a record says, weighed.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// What it says of its span, if anything.
    pub(super) operation: Option<Operation>,
    /// What it speaks of, for names that mean something only there.
    pub(super) subjects: Vec<Subject>,
    /// What its message says, by the names of OpenTelemetry's conventions.
    pub(super) attributes: Vec<Field>,
    /// The span that its message is about.
    pub(super) carried: Option<Carried>,
}

impl Settled {
    /// The side of the call.
    pub(super) fn kind(&self) -> Option<SpanKind> {
        self.operation.as_ref().and_then(|operation| operation.kind)
    }
}

/// What the fields of one record say. Borrows from it.
#[derive(Debug, Default)]
pub(super) struct Facts<'a> {
    method: Option<&'a str>,
    route: Option<&'a str>,
    target: Option<&'a str>,
    status: Option<u16>,
    code: Option<&'a str>,
    span_status: Option<SpanStatus>,
    kind: Option<SpanKind>,
    kind_text: Option<&'a str>,
    rpc_service: Option<&'a str>,
    rpc_method: Option<&'a str>,
    rpc_code: Option<&'a str>,
    span_name: Option<&'a str>,
    name: Option<&'a str>,
    peer: Option<&'a str>,
    /// What `target` names: the other side in records of spans, a logger elsewhere.
    span_peer: Option<&'a str>,
    cluster: Option<&'a str>,
    authority: Option<&'a str>,
    failed: Option<bool>,
    /// What is said of a failure, in words.
    failure: Option<&'a str>,
    busy: Option<u64>,
    idle: Option<u64>,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    start_text: Option<&'a str>,
    end_text: Option<&'a str>,
    duration: Option<(Naming, &'a str)>,
    /// The spans around the record, outermost first.
    spans: Vec<&'a str>,
    /// The same in one text, parted by colons.
    chain: Option<&'a str>,
    has_database: bool,
    has_messaging: bool,
}

impl<'a> Facts<'a> {
    /// Takes in a field that says something of an operation. The first of a kind counts.
    pub(super) fn take(&mut self, part: Part, value: &'a Value) {
        match value {
            Value::Boolean(truth) => match part {
                Part::Failed => self.failed = Some(*truth),
                Part::Succeeded => self.failed = Some(!truth),
                _ => {}
            },
            Value::Text(text) | Value::Number(text) => self.take_text(part, text),
            Value::List(_) => {}
        }
    }

    fn take_text(&mut self, part: Part, text: &'a str) {
        let text = text.trim();
        if text.is_empty() || text == "-" {
            return;
        }
        match part {
            Part::Method => {
                // Some producers put the whole request in one field.
                let (method, target) = text.split_once(' ').unwrap_or((text, ""));
                if http::is_method(method) {
                    self.method.get_or_insert(method);
                    if target.starts_with('/') {
                        self.target.get_or_insert(target);
                    }
                }
            }
            Part::Route => _ = self.route.get_or_insert(text),
            Part::Target => _ = self.target.get_or_insert(text),
            Part::Status => self.status = self.status.or_else(|| http::status_code(text)),
            Part::Code => self.code = Some(text),
            Part::SpanStatus => self.span_status = self.span_status.or(span_status(text)),
            Part::Kind => {
                self.kind = self.kind.or(kind(text));
                self.kind_text.get_or_insert(text);
            }
            Part::RpcService => _ = self.rpc_service.get_or_insert(text),
            Part::RpcMethod => _ = self.rpc_method.get_or_insert(text),
            Part::RpcCode => _ = self.rpc_code.get_or_insert(text),
            Part::SpanName => _ = self.span_name.get_or_insert(text),
            Part::Name => _ = self.name.get_or_insert(text),
            Part::SpanPeer => self.span_peer = Some(text),
            Part::Peer => _ = self.peer.get_or_insert(text),
            Part::Cluster => _ = self.cluster.get_or_insert(text),
            Part::Authority => _ = self.authority.get_or_insert(text),
            Part::Failed => {
                self.failed = self.failed.or(truth(text));
                self.failure.get_or_insert(text);
            }
            Part::Outcome => match text {
                "failure" => self.failed = Some(true),
                "success" => self.failed = self.failed.or(Some(false)),
                _ => {}
            },
            Part::Succeeded => self.failed = self.failed.or(truth(text).map(|truth| !truth)),
            Part::Busy => self.busy = duration::with_unit(text),
            Part::Idle => self.idle = duration::with_unit(text),
            Part::StartNano => self.start = text.parse().ok().map(Timestamp::from_nanoseconds),
            Part::EndNano => self.end = text.parse().ok().map(Timestamp::from_nanoseconds),
            Part::StartTime => self.start_text = Some(text),
            Part::EndTime => self.end_text = Some(text),
            Part::Spans => self.spans.push(text),
            Part::Chain => self.chain = Some(text),
            Part::Database => self.has_database = true,
            Part::Messaging => self.has_messaging = true,
            Part::Duration(naming) => _ = self.duration.get_or_insert((naming, text)),
        }
    }

    /// The side of the call that the record states, before anything else is weighed.
    pub(super) fn stated_kind(&self) -> Option<SpanKind> {
        self.kind.or_else(|| self.side_of_proxy())
    }

    /// Weighs it all with the message. No operation where the record speaks of none.
    pub(super) fn settle(&self, record: &Record) -> Settled {
        let by_http = self.http(record);
        let by_rpc = self.rpc(record);
        let mut subjects = Vec::new();
        for (holds, subject) in [
            (by_http.is_some() || is_access_log(&record.format), Subject::Http),
            (by_rpc.is_some(), Subject::Rpc),
            (self.has_database, Subject::Database),
            (self.has_messaging, Subject::Messaging),
        ] {
            if holds {
                subjects.push(subject);
            }
        }
        let parent_name = self.parent_name(record);
        let by_fields =
            self.closed_span(record).or_else(|| self.span_record(record)).or(by_http).or(by_rpc);
        let said = statement::read(&record.message);
        let mut settled = Settled { subjects, ..Settled::default() };
        settled.operation = match said {
            None => by_fields,
            Some(said) => {
                settled.attributes = said.attributes;
                settled.carried = said.carried;
                let said = Operation {
                    name: said.name,
                    kind: said.kind,
                    status: said.status,
                    peer: said.peer,
                    duration: said.duration,
                    mark: said.mark,
                };
                let merged =
                    by_fields.map_or_else(|| said.clone(), |fields| merged(fields, said.clone()));
                Some(merged).filter(|merged| *merged != Operation::default())
            }
        }
        .or_else(|| {
            let duration = self.duration(record);
            self.kind.map(|kind| Operation {
                kind: Some(kind),
                duration,
                mark: duration.map(|_| Mark::End),
                ..Operation::default()
            })
        });
        settled.attributes.extend(parent_name.map(|name| Field::text("parent_name", name)));
        settled
    }

    /// A request over HTTP: a method with a path, a route or a status.
    fn http(&self, record: &Record) -> Option<Operation> {
        let method = self.method?;
        let target = self.route.or(self.target);
        let status = self.status.or_else(|| self.code.and_then(http::status_code));
        if target.is_none() && status.is_none() {
            return None;
        }
        let kind = self.stated_kind().or_else(|| self.side(record));
        let duration = status.and_then(|_| self.duration(record));
        let failed = (self.failed == Some(true)).then_some(SpanStatus::Error);
        Some(Operation {
            name: Some(self.named_route(method).unwrap_or_else(|| http::name(method, target))),
            kind,
            status: status.map_or(failed, |status| http::outcome(status, kind)),
            peer: self.http_peer(kind),
            duration,
            mark: http_mark(record, status.is_some()),
        })
    }

    /// Some gateways give routes names instead of paths.
    fn named_route(&self, method: &str) -> Option<String> {
        let route = self.route.filter(|route| !route.contains(['/', ' ', ':']))?;
        Some(format!("{method} {route}"))
    }

    /// The side of the call, where the record leaves no doubt.
    fn side(&self, record: &Record) -> Option<SpanKind> {
        if is_access_log(&record.format) {
            return Some(SpanKind::Server);
        }
        let target = self.target?;
        if target.contains("://") {
            return says_call(&record.message).then_some(SpanKind::Client);
        }
        let has_ended = self.status.is_some() || self.code.is_some();
        (target.starts_with('/') && has_ended && !says_call(&record.message))
            .then_some(SpanKind::Server)
    }

    /// Envoy names the cluster it passes a request to, and whether it stands before the
    /// caller or the callee.
    pub(super) fn side_of_proxy(&self) -> Option<SpanKind> {
        match self.cluster?.split('|').next()? {
            "outbound" => Some(SpanKind::Client),
            "inbound" => Some(SpanKind::Server),
            _ => None,
        }
    }

    fn http_peer(&self, kind: Option<SpanKind>) -> Option<String> {
        let of_cluster = || {
            let host = self.cluster?.strip_prefix("outbound|")?.rsplit('|').next()?;
            host.split('.').next().filter(|name| !name.is_empty())
        };
        let is_client = kind == Some(SpanKind::Client);
        let of_address = || self.target.filter(|_| is_client).and_then(http::host);
        let of_authority = || self.authority.filter(|_| is_client).map(http::without_port);
        self.peer.or_else(of_cluster).or_else(of_address).or_else(of_authority).map(str::to_owned)
    }

    /// A call by gRPC: only its end tells more than its name.
    fn rpc(&self, record: &Record) -> Option<Operation> {
        let method = self.rpc_method?;
        let name = match self.rpc_service {
            Some(service) if !method.contains('/') => format!("{service}/{method}"),
            _ => method.trim_start_matches('/').to_owned(),
        };
        let code = self.rpc_code.or(self.code);
        let mark = match record.message.as_str() {
            message if message.starts_with("started call") => Some(Mark::Start),
            message if message.starts_with("finished") || code.is_some() => Some(Mark::End),
            _ => None,
        };
        Some(Operation {
            name: Some(name),
            kind: self.kind,
            status: code.and_then(|code| rpc::outcome(code, self.kind)),
            peer: self.peer.map(str::to_owned),
            duration: if mark == Some(Mark::End) { self.duration(record) } else { None },
            mark,
        })
    }

    fn duration(&self, record: &Record) -> Option<u64> {
        let (naming, text) = self.duration?;
        if let Some(stated) = duration::with_unit(text) {
            return Some(stated);
        }
        let unit = match naming {
            Naming::With(unit) => unit,
            Naming::Unknown => duration::habit(&record.format)?,
        };
        duration::of_number(text, unit)
    }
}

/// Fields are surer than words; words fill what fields leave open.
fn merged(fields: Operation, message: Operation) -> Operation {
    Operation {
        name: fields.name.or(message.name),
        kind: fields.kind.or(message.kind),
        status: fields.status.or(message.status),
        peer: fields.peer.or(message.peer),
        duration: fields.duration.or(message.duration),
        mark: message.mark.or(fields.mark),
    }
}

/// Which end an HTTP record is dated by. Most are written at the end; some proxies date
/// their lines by the start.
fn http_mark(record: &Record, has_status: bool) -> Option<Mark> {
    const DATED_BY_START: [&str; 6] = ["envoy", "istio", "apache", "haproxy", "kong", "traefik"];
    const BEGINNINGS: [&str; 5] =
        ["incoming request", "request started", "started", "request received", "received request"];
    if has_status {
        let by_start = DATED_BY_START.iter().any(|name| record.format.contains(name));
        return Some(if by_start { Mark::Start } else { Mark::End });
    }
    let head = |length: usize| record.message.get(..length).unwrap_or_default();
    let begins = |start: &&str| head(start.len()).eq_ignore_ascii_case(start);
    BEGINNINGS.iter().any(begins).then_some(Mark::Start)
}

fn is_access_log(format: &str) -> bool {
    const WRITERS: [&str; 14] = [
        "access", "clf", "combined", "nginx", "apache", "traefik", "caddy", "haproxy", "alb",
        "iis", "kong", "gin", "uvicorn", "werkzeug",
    ];
    format.split(['-', '_', '.', ' ', '/']).any(|word| WRITERS.contains(&word))
}

/// Whether a message speaks of a call to someone else.
fn says_call(message: &str) -> bool {
    const WORDS: [&str; 9] = [
        "call",
        "outgoing",
        "outbound",
        "upstream",
        "downstream",
        "request to",
        "sending",
        "client",
        "fetch",
    ];
    let lower = message.get(..message.len().min(200)).unwrap_or(message).to_ascii_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

fn span_status(text: &str) -> Option<SpanStatus> {
    match text.rsplit('_').next()?.to_ascii_lowercase().as_str() {
        "ok" | "1" => Some(SpanStatus::Ok),
        "error" | "2" => Some(SpanStatus::Error),
        _ => None,
    }
}

fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}
