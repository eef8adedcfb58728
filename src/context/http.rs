//! Methods, paths and status codes of HTTP, as operations are named by them.

use crate::context::key_value::{Shape, shape};
use crate::model::span::{SpanKind, SpanStatus};

/// A longer path is data.
const PATH_BYTES_MAX: usize = 512;

/// Whether the text is a method, in capitals.
pub(super) fn is_method(text: &str) -> bool {
    matches!(
        text,
        "GET"
            | "POST"
            | "PUT"
            | "DELETE"
            | "PATCH"
            | "HEAD"
            | "OPTIONS"
            | "TRACE"
            | "CONNECT"
            | "QUERY"
    )
}

/// A status code from 100 to 599.
pub(super) fn status_code(text: &str) -> Option<u16> {
    let code: u16 = text.trim().parse().ok()?;
    (100..=599).contains(&code).then_some(code)
}

/// What a code says of the span: a server has failed from 500 on, a client from 400 on.
pub(super) fn outcome(code: u16, kind: Option<SpanKind>) -> Option<SpanStatus> {
    let error_from = if kind == Some(SpanKind::Client) { 400 } else { 500 };
    match code {
        _ if code >= error_from => Some(SpanStatus::Error),
        ..400 => Some(SpanStatus::Ok),
        _ => None,
    }
}

/// The host of an absolute address, without its port.
pub(super) fn host(url: &str) -> Option<&str> {
    Some(without_port(authority(url)?)).filter(|host| !host.is_empty())
}

/// The host of an absolute address with its port, if it states one.
pub(super) fn authority(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let is_plain = !scheme.contains(char::is_whitespace) && !host.contains(char::is_whitespace);
    Some(host).filter(|host| is_plain && !host.is_empty())
}

/// The port of `inventory:8080`.
pub(super) fn port(authority: &str) -> Option<&str> {
    let (host, port) = authority.rsplit_once(':')?;
    // An IPv6 address has colons of its own; with a port it stands in brackets.
    let is_address = host.contains(':') && !host.ends_with(']');
    let is_port = port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
    (is_port && !port.is_empty() && !host.is_empty() && !is_address).then_some(port)
}

/// `inventory:8080` without the port.
pub(super) fn without_port(authority: &str) -> &str {
    port(authority).map_or(authority, |port| &authority[..authority.len() - port.len() - 1])
}

/// `GET /orders/{id}` from a method and a path or address.
pub(super) fn name(method: &str, target: Option<&str>) -> String {
    match target.map(path).filter(|path| path.starts_with('/') && path.len() <= PATH_BYTES_MAX) {
        Some(path) => format!("{method} {}", templated(path)),
        None => method.to_owned(),
    }
}

/// The path of an address or target, without its query.
pub(super) fn path(target: &str) -> &str {
    let target = match target.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |slash| &rest[slash..]),
        None => target,
    };
    target.split(['?', '#']).next().unwrap_or(target)
}

/// The path with `{id}` for each part that identifies something, so that requests for
/// different things have one name.
fn templated(path: &str) -> String {
    let mut written = String::with_capacity(path.len());
    for (index, part) in path.split('/').enumerate() {
        if index > 0 {
            written.push('/');
        }
        written.push_str(if is_id(part) { "{id}" } else { part });
    }
    written
}

fn is_id(part: &str) -> bool {
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    match shape(part) {
        Some(Shape::Integer | Shape::Uuid | Shape::Typed(_)) => true,
        Some(Shape::Mixed) => digits >= 3 && digits * 3 >= part.len(),
        Some(Shape::Word) => false,
        None => !part.is_empty() && digits == part.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_of_one_route_have_one_name() {
        assert_eq!(name("GET", Some("/orders/5521/items/7?x=1")), "GET /orders/{id}/items/{id}");
        assert_eq!(name("POST", Some("http://pay:80/charge")), "POST /charge");
        assert_eq!(name("GET", Some("/api/v2/orders/ORD-20417")), "GET /api/v2/orders/{id}");
        assert_eq!(name("GET", Some("/stock/{sku}")), "GET /stock/{sku}");
        assert_eq!(name("GET", None), "GET");
        assert_eq!(name("GET", Some("http://pay")), "GET /");
    }

    #[test]
    fn servers_and_clients_judge_a_missing_page_differently() {
        assert_eq!(outcome(404, Some(SpanKind::Server)), None);
        assert_eq!(outcome(404, Some(SpanKind::Client)), Some(SpanStatus::Error));
        assert_eq!(outcome(503, None), Some(SpanStatus::Error));
        assert_eq!(outcome(200, None), Some(SpanStatus::Ok));
    }

    #[test]
    fn a_host_is_named_without_its_port() {
        assert_eq!(host("http://inventory:8080/stock"), Some("inventory"));
        assert_eq!(host("/stock"), None);
        assert_eq!(without_port("[::1]:8080"), "[::1]");
        assert_eq!(without_port("::1"), "::1");
        assert_eq!(port("a:80, b:81, c:"), None);
    }
}
