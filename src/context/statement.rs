//! Log statements of well-known frameworks that speak of a whole operation.
//!
//! Each is known by fixed words at the beginning of its message; whatever differs from
//! them is not taken. A wrong duration or side would bend a whole tree, none only leaves it bare.

mod database;
mod dump;
mod job;

use crate::context::carrier::Carried;
use crate::context::{duration, http, rpc};
use crate::model::field::{Field, Value};
use crate::model::span::{Mark, SpanKind, SpanStatus};

/// What a message says of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Said {
    pub(super) name: Option<String>,
    pub(super) kind: Option<SpanKind>,
    pub(super) status: Option<SpanStatus>,
    pub(super) peer: Option<String>,
    pub(super) duration: Option<u64>,
    pub(super) mark: Option<Mark>,
    /// What else it says, by the names of OpenTelemetry's conventions.
    pub(super) attributes: Vec<Field>,
    /// The span that it is about.
    pub(super) carried: Option<Carried>,
}

/// The words that speak stand in the first line, and not far into it.
const STATEMENT_BYTES_MAX: usize = 2048;

/// What a message says of an operation, if it is one of those known.
pub(super) fn read(message: &str) -> Option<Said> {
    if let Some(said) = dump::read(message) {
        return Some(said);
    }
    let line = message.lines().next()?;
    if line.len() > STATEMENT_BYTES_MAX {
        return None;
    }
    if let Some(said) = database::read(message).or_else(|| job::read(message)) {
        return Some(said);
    }
    match line.as_bytes().first()? {
        b'R' => asp_net(line).or_else(|| received(line)).or_else(|| lambda(line)),
        b'S' => started(line).or_else(|| sent(line)).or_else(|| sending(line)),
        b'E' => line.strip_prefix("End processing HTTP request after ").and_then(answered),
        b'H' => serilog(line).or_else(|| httpx(line)),
        b'C' => completed(line),
        b'T' => celery(line),
        b'[' => feign(line).or_else(|| gin(line)),
        b'-' | b'<' => ok_http(line),
        b'd' => postgres(line),
        b'f' | b's' => grpc(line),
        b'"' => quoted_request(line),
        _ => morgan(line),
    }
}

fn operation(kind: SpanKind, mark: Mark) -> Said {
    Said { kind: Some(kind), mark: Some(mark), ..Said::default() }
}

/// `METHOD target`, the rest behind it.
fn method_and_target(text: &str) -> Option<(&str, &str, &str)> {
    let (method, rest) = text.split_once(' ')?;
    let (target, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let target = target.trim_matches(['"', ',']);
    (http::is_method(method) && (target.starts_with('/') || target.contains("://")))
        .then_some((method, target, rest))
}

/// A call of the writer to another service.
fn client_call(method: &str, target: &str, mark: Mark) -> Said {
    let peer = http::host(target).map(str::to_owned);
    of_request(Said { peer, ..operation(SpanKind::Client, mark) }, method, target)
}

/// ASP.NET Core: `Request starting HTTP/2 POST http://h/charge - …`, `Request finished …`.
fn asp_net(line: &str) -> Option<Said> {
    if let Some(rest) = line.strip_prefix("Request starting HTTP/") {
        let (_, rest) = rest.split_once(' ')?;
        let (method, target, _) = method_and_target(rest)?;
        return Some(of_request(operation(SpanKind::Server, Mark::Start), method, target));
    }
    if let Some(rest) = line.strip_prefix("Request finished in ") {
        let (time, status) = rest.split_once("ms ")?;
        let status = status.split(' ').next().and_then(http::status_code);
        return Some(ended(SpanKind::Server, status, duration::with_unit(&format!("{time}ms"))));
    }
    let rest = line.strip_prefix("Request finished HTTP/")?;
    let (_, rest) = rest.split_once(' ')?;
    let (method, target, rest) = method_and_target(rest)?;
    let mut parts = rest.trim_start_matches("- ").split(" - ");
    let status = parts.next().and_then(|part| http::status_code(part.split(' ').next()?));
    let took = rest.rsplit(' ').next().and_then(duration::with_unit);
    Some(of_request(ended(SpanKind::Server, status, took), method, target))
}

/// The end of an HTTP operation.
fn ended(kind: SpanKind, code: Option<u16>, took: Option<u64>) -> Said {
    let status = code.and_then(|code| http::outcome(code, Some(kind)));
    let number = code
        .map(|code| Field { name: STATUS_CODE.to_owned(), value: Value::Number(code.to_string()) });
    Said {
        status,
        duration: took,
        attributes: number.into_iter().collect(),
        ..operation(kind, Mark::End)
    }
}

/// Adds the request's method and path.
fn of_request(mut said: Said, method: &str, target: &str) -> Said {
    said.attributes.push(Field::text("http.request.method", method));
    if let Some(path) = http::path(target).starts_with('/').then(|| http::path(target)) {
        said.attributes.push(Field::text("url.path", path));
    }
    Said { name: Some(http::name(method, Some(target))), ..said }
}

const STATUS_CODE: &str = "http.response.status_code";

/// .NET `HttpClient`: `Sending HTTP request GET http://…`.
fn sending(line: &str) -> Option<Said> {
    let rest = line
        .strip_prefix("Sending HTTP request ")
        .or_else(|| line.strip_prefix("Start processing HTTP request "))?;
    let (method, target, _) = method_and_target(rest)?;
    Some(client_call(method, target, Mark::Start))
}

/// .NET `HttpClient`: `Received HTTP response headers after 18.4706ms - 200`.
fn received(line: &str) -> Option<Said> {
    answered(line.strip_prefix("Received HTTP response headers after ")?)
}

fn answered(rest: &str) -> Option<Said> {
    let (took, status) = rest.split_once(" - ")?;
    let status = match status.trim() {
        "OK" => Some(200),
        code => http::status_code(code),
    };
    Some(ended(SpanKind::Client, status, Some(duration::with_unit(took)?)))
}

/// AWS Lambda: `REPORT RequestId: … Duration: 48.61 ms …`, by tabs.
fn lambda(line: &str) -> Option<Said> {
    let rest = line.strip_prefix("REPORT RequestId: ")?;
    let took = rest.split('\t').find_map(|part| part.strip_prefix("Duration: "))?;
    let took = Some(duration::with_unit(took)?);
    let request = rest.split('\t').next().unwrap_or(rest).trim();
    Some(Said {
        name: Some("lambda".to_owned()),
        duration: took,
        attributes: vec![Field::text("faas.invocation_id", request)],
        ..operation(SpanKind::Server, Mark::End)
    })
}

/// Rails: `Started GET "/orders/1" for 10.0.0.1 at …`.
fn started(line: &str) -> Option<Said> {
    let (method, target, rest) = method_and_target(line.strip_prefix("Started ")?)?;
    let begun = || of_request(operation(SpanKind::Server, Mark::Start), method, target);
    rest.starts_with("for ").then(begun)
}

/// Phoenix: `Sent 200 in 12ms`.
fn sent(line: &str) -> Option<Said> {
    status_in_time(line.strip_prefix("Sent ")?)
}

/// Rails: `Completed 200 OK in 12ms (…)`. Spring's `Completed 200 OK` has no time.
fn completed(line: &str) -> Option<Said> {
    status_in_time(line.strip_prefix("Completed ")?)
}

fn status_in_time(rest: &str) -> Option<Said> {
    let status = http::status_code(rest.split(' ').next()?)?;
    let took = rest
        .split_once(" in ")
        .and_then(|(_, time)| duration::with_unit(time.split([' ', '(']).next()?));
    Some(ended(SpanKind::Server, Some(status), took))
}

/// Serilog: `HTTP GET /orders/5521 responded 200 in 12.3456 ms`.
fn serilog(line: &str) -> Option<Said> {
    let (method, target, rest) = method_and_target(line.strip_prefix("HTTP ")?)?;
    let rest = rest.strip_prefix("responded ")?;
    let (status, took) = rest.split_once(" in ")?;
    let took = duration::with_unit(took);
    let said = ended(SpanKind::Server, http::status_code(status), took);
    Some(of_request(said, method, target))
}

/// httpx: `HTTP Request: GET http://inventory/stock/A-19 "HTTP/1.1 200 OK"`.
fn httpx(line: &str) -> Option<Said> {
    let (method, target, rest) = method_and_target(line.strip_prefix("HTTP Request: ")?)?;
    let status = rest.split_once("HTTP/").and_then(|(_, rest)| rest.split(' ').nth(1));
    let status = status.and_then(|status| http::status_code(status.trim_end_matches('"')));
    let peer = http::host(target).map(str::to_owned);
    let said = Said { peer, ..ended(SpanKind::Client, status, None) };
    Some(of_request(said, method, target))
}

/// Celery: `Task shop.notify[<id>] received | succeeded in 0.0142s: None | raised unexpected: …`.
fn celery(line: &str) -> Option<Said> {
    let (name, rest) = line.strip_prefix("Task ")?.split_once('[')?;
    let (_, rest) = rest.split_once("] ")?;
    let named = |mark| Said { name: Some(name.to_owned()), ..operation(SpanKind::Consumer, mark) };
    if let Some(rest) = rest.strip_prefix("succeeded in ") {
        let took = duration::with_unit(rest.split(':').next()?);
        return Some(Said { status: Some(SpanStatus::Ok), duration: took, ..named(Mark::End) });
    }
    if rest.starts_with("raised ") {
        return Some(Said { status: Some(SpanStatus::Error), ..named(Mark::End) });
    }
    // `received` is written by the parent process, before the task begins.
    rest.starts_with("received").then(|| Said { mark: None, ..named(Mark::Start) })
}

/// Feign: `[StockClient#get] ---> GET http://… HTTP/1.1`, `[StockClient#get] <--- HTTP/1.1 503 (35ms)`.
fn feign(line: &str) -> Option<Said> {
    let (name, rest) = line.strip_prefix('[')?.split_once("] ")?;
    let name = name.contains('#').then(|| name.to_owned());
    if let Some(rest) = rest.strip_prefix("---> ") {
        let (method, target, _) = method_and_target(rest)?;
        let call = client_call(method, target, Mark::Start);
        return Some(Said {
            name: name.or(call.name),
            peer: call.peer,
            ..operation(SpanKind::Client, Mark::Start)
        });
    }
    let rest = rest.strip_prefix("<--- HTTP/")?;
    let status = http::status_code(rest.split(' ').nth(1)?)?;
    Some(Said { name, ..ended(SpanKind::Client, Some(status), in_brackets(rest)) })
}

/// `(35ms, …)`.
fn in_brackets(text: &str) -> Option<u64> {
    let (_, inside) = text.rsplit_once('(')?;
    duration::with_unit(inside.split([',', ')']).next()?)
}

/// gin: `[GIN] 2026/11/21 - 09:30:15 | 200 |     1.234ms |  10.0.0.1 | GET      "/orders/1"`.
fn gin(line: &str) -> Option<Said> {
    let mut parts = line.strip_prefix("[GIN] ")?.split('|').skip(1).map(str::trim);
    let status = http::status_code(parts.next()?)?;
    let took = duration::with_unit(parts.next()?);
    let (method, target) = parts.nth(1)?.split_once(' ')?;
    let target = target.trim().trim_matches('"');
    let said = ended(SpanKind::Server, Some(status), took);
    Some(if http::is_method(method) { of_request(said, method, target) } else { said })
}

/// `OkHttp`: `--> POST http://…`, `<-- 200 OK http://… (35ms, 87-byte body)`,
/// `<-- HTTP FAILED: …`; others write the address of a call without an answer as well.
fn ok_http(line: &str) -> Option<Said> {
    if let Some(rest) = line.strip_prefix("--> ") {
        let (method, target, _) = method_and_target(rest)?;
        return target.contains("://").then(|| client_call(method, target, Mark::Start));
    }
    let rest = line.strip_prefix("<-- ")?;
    let url = rest.split(' ').find(|word| word.contains("://"));
    let peer = url.and_then(http::host).map(str::to_owned);
    let Some(status) = http::status_code(rest.split(' ').next()?) else {
        let failed = rest.starts_with("HTTP FAILED") || peer.is_some();
        let status = Some(SpanStatus::Error);
        return failed.then(|| Said { status, peer, ..ended(SpanKind::Client, None, None) });
    };
    url?;
    Some(Said { peer, ..ended(SpanKind::Client, Some(status), in_brackets(rest)) })
}

/// PostgreSQL: `duration: 12.345 ms  statement: SELECT …`.
fn postgres(line: &str) -> Option<Said> {
    let (took, rest) = line.strip_prefix("duration: ")?.split_once("  ")?;
    let name = rest
        .split_once(": ")
        .and_then(|(_, query)| query.split_whitespace().next().map(str::to_ascii_uppercase));
    let took = Some(duration::with_unit(took)?);
    Some(Said { name, duration: took, ..operation(SpanKind::Server, Mark::End) })
}

/// gRPC middleware: `finished unary call with code OK`; tower-http: `started processing request`.
fn grpc(line: &str) -> Option<Said> {
    if line == "started processing request" {
        return Some(operation(SpanKind::Server, Mark::Start));
    }
    let rest = line.strip_prefix("finished ")?;
    if let Some(pairs) = rest.strip_prefix("processing request ") {
        return tower(pairs);
    }
    let (shape, code) = rest.split_once(" call with code ")?;
    let kind = matches!(shape, "unary" | "streaming" | "server").then_some(SpanKind::Server);
    let kind = if shape == "client unary" { Some(SpanKind::Client) } else { kind };
    let status = rpc::outcome(code.trim(), kind);
    Some(Said { kind, status, mark: Some(Mark::End), ..Said::default() })
}

/// tower-http: `finished processing request latency=5 ms status=200`.
fn tower(pairs: &str) -> Option<Said> {
    let (_, rest) = pairs.split_once("latency=")?;
    let took = rest.split(['=']).next()?.trim_end_matches("status").trim_end();
    let status = pairs.split_once("status=")?.1.split(' ').next().and_then(http::status_code);
    Some(ended(SpanKind::Server, status, duration::with_unit(took)))
}

/// chi: `"GET http://h/x HTTP/1.1" from 10.0.0.1:1 - 200 12B in 1.2ms`.
fn quoted_request(line: &str) -> Option<Said> {
    let (request, rest) = line.strip_prefix('"')?.split_once('"')?;
    let (method, target, protocol) = method_and_target(request)?;
    let rest = rest.strip_prefix(" from ").filter(|_| protocol.starts_with("HTTP/"))?;
    let (_, rest) = rest.split_once(" - ")?;
    let status = http::status_code(rest.split(' ').next()?)?;
    let took = rest.rsplit_once(" in ").and_then(|(_, time)| duration::with_unit(time));
    Some(of_request(ended(SpanKind::Server, Some(status), took), method, target))
}

/// morgan: `GET /orders/1 200 12.345 ms - 87`; urllib3: `http://h:80 "GET /x HTTP/1.1" 200 87`.
fn morgan(line: &str) -> Option<Said> {
    if line.starts_with("http://") || line.starts_with("https://") {
        return urllib3(line);
    }
    let (method, target, rest) = method_and_target(line)?;
    let ended = in_words(target, rest).or_else(|| {
        let (status, rest) = rest.split_once(' ')?;
        let (took, _) = rest.split_once(" ms - ")?;
        let took = Some(duration::of_number(took, duration::Unit::MILLISECOND)?);
        Some(ended(SpanKind::Server, Some(http::status_code(status)?), took))
    });
    match ended {
        Some(ended) => Some(of_request(ended, method, target)),
        None => is_all_there_is(target, rest).then(|| of_request(Said::default(), method, target)),
    }
}

/// The writer's own words: `POST /orders answered 504 in 6907 ms`.
fn in_words(target: &str, rest: &str) -> Option<Said> {
    const ANSWERED: [&str; 6] =
        ["answered", "responded", "returned", "completed", "finished", "->"];
    let (word, rest) = rest.split_once(' ')?;
    if !ANSWERED.contains(&word) || !target.starts_with('/') {
        return None;
    }
    let (status, took) = rest.split_once(" in ").unwrap_or((rest, ""));
    let status = http::status_code(status.split(' ').next()?)?;
    Some(ended(SpanKind::Server, Some(status), duration::with_unit(took)))
}

/// Whether a message names a request and besides only values: `POST /orders user=7`. More
/// words could speak of a request that somebody else serves.
fn is_all_there_is(target: &str, rest: &str) -> bool {
    target.starts_with('/') && rest.split_whitespace().all(|word| word.contains('='))
}

fn urllib3(line: &str) -> Option<Said> {
    let (url, rest) = line.split_once(" \"")?;
    let (request, rest) = rest.split_once("\" ")?;
    let (method, target, _) = method_and_target(request)?;
    let status = http::status_code(rest.split(' ').next()?)?;
    let peer = Some(http::host(url)?.to_owned());
    let said = Said { peer, ..ended(SpanKind::Client, Some(status), None) };
    Some(of_request(said, method, target))
}

#[cfg(test)]
mod tests;
