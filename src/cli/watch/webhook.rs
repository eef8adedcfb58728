//! Posts alerts to a webhook, with the care that an address in a settings file needs.
//!
//! A name is resolved once for each attempt, and the connection goes to the address that was
//! looked at. Addresses of the own network are refused unless they are allowed, redirections
//! are not followed, no proxy is asked, and nothing of the answer but its status is read.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::time::Duration;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Attempt {
    /// It was taken.
    Taken,
    /// It may be taken later.
    TryAgain {
        /// Why it was not.
        reason: String,
        /// When the other side wants to be asked again, if it says.
        after: Option<Duration>,
    },
    /// It will never be taken.
    Refused(String),
}

/// One webhook.
#[derive(Debug)]
pub(super) struct Webhook {
    agent: Agent,
    url: String,
}

impl Webhook {
    /// Posts to this address. No attempt takes longer than `longest`.
    pub(super) fn new(url: &str, allow_private: bool, longest: Duration) -> Self {
        let lookup = Box::new(|host: &str| Ok(host.to_socket_addrs()?.collect()));
        Self::with_lookup(url, Guarded { allow_private, lookup }, longest)
    }

    fn with_lookup(url: &str, resolver: Guarded, longest: Duration) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(longest))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(None)
            .max_idle_connections(0)
            .user_agent("logloom")
            .build();
        let agent = Agent::with_parts(config, DefaultConnector::default(), resolver);
        Self { agent, url: url.to_owned() }
    }

    /// Posts one document once.
    pub(super) fn post(&self, document: &[u8]) -> Attempt {
        let sent = self.agent.post(&self.url).content_type("application/json").send(document);
        match sent {
            Ok(answer) => {
                let after = answer.headers().get("retry-after");
                let after = after.and_then(|value| value.to_str().ok()?.parse().ok());
                judged(answer.status().as_u16(), after.map(Duration::from_secs))
            }
            Err(Error::BadUri(reason)) => Attempt::Refused(format!("no address: {reason}")),
            Err(Error::Io(error)) if is_of_own_network(&error) => {
                Attempt::Refused(error.to_string())
            }
            Err(error) => Attempt::TryAgain { reason: error.to_string(), after: None },
        }
    }
}

fn is_of_own_network(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|cause| cause.downcast_ref::<OwnNetwork>().is_some())
}

/// What a status says: 408, 429 and those of the server's own trouble pass.
fn judged(status: u16, after: Option<Duration>) -> Attempt {
    match status {
        200..=299 => Attempt::Taken,
        408 | 425 | 429 | 500..=599 => {
            Attempt::TryAgain { reason: format!("it answered {status}"), after }
        }
        300..=399 => Attempt::Refused(format!(
            "it answered {status}, and redirections are not followed: name the address it leads to"
        )),
        _ => Attempt::Refused(format!("it answered {status}")),
    }
}

/// An address that is refused.
#[derive(Debug, thiserror::Error)]
#[error("it is in the own network ({address}); allow_private = true allows that")]
struct OwnNetwork {
    address: IpAddr,
}

/// What a name and port stand for.
type Lookup = dyn Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync;

/// Looks a name up, and refuses addresses of the own network.
struct Guarded {
    allow_private: bool,
    lookup: Box<Lookup>,
}

impl fmt::Debug for Guarded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Guarded")
            .field("allow_private", &self.allow_private)
            .finish_non_exhaustive()
    }
}

impl Guarded {
    fn addresses(&self, host: &str) -> io::Result<Vec<SocketAddr>> {
        let found = (self.lookup)(host)?;
        // One of several would do: whoever answers for the name chooses.
        let inner = found.iter().find(|address| is_private(address.ip()));
        match inner {
            Some(address) if !self.allow_private => {
                Err(io::Error::other(OwnNetwork { address: address.ip() }))
            }
            _ => Ok(found),
        }
    }
}

impl Resolver for Guarded {
    fn resolve(&self, uri: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let parts = uri.scheme().zip(uri.authority());
        let host = parts.and_then(|(scheme, name)| DefaultResolver::host_and_port(scheme, name));
        let host = host.ok_or(Error::HostNotFound)?;
        let mut resolved = self.empty();
        // It holds 16; more are not tried.
        for address in self.addresses(&host)?.into_iter().take(16) {
            resolved.push(address);
        }
        if resolved.is_empty() { Err(Error::HostNotFound) } else { Ok(resolved) }
    }
}

/// Whether an address is not one of the open internet.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => is_private_v6(address),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    let is_shared = first == 100 && (64..128).contains(&second);
    let is_for_tests = first == 198 && (18..20).contains(&second);
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || is_shared
        || is_for_tests
        || first == 0
        || first >= 240
        || address.octets()[..3] == [192, 0, 0]
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    let [.., high, low] = parts;
    let inner = Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    // Forms that stand for an address of the older kind.
    let is_of_v4 = parts[..5] == [0; 5] && matches!(parts[5], 0 | 0xffff);
    let is_translated = parts[..6] == [0x64, 0xff9b, 0, 0, 0, 0];
    let tunnelled = Ipv4Addr::from((u32::from(parts[1]) << 16) | u32::from(parts[2]));
    ((is_of_v4 || is_translated) && is_private_v4(inner))
        || (parts[0] == 0x2002 && is_private_v4(tunnelled))
        || address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || parts[..2] == [0x2001, 0xdb8]
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::cli::watch::server::Server;

    const LONG: Duration = Duration::from_secs(20);

    #[track_caller]
    fn check(answer: &str, expected: &Attempt) {
        let server = Server::answering(vec![answer.to_owned()]);
        let webhook = Webhook::new(&server.url(), true, LONG);
        assert_eq!(&webhook.post(b"{\"alert\":\"a\"}"), expected);
        let request = server.requests().remove(0);
        assert!(request.starts_with("POST /hook HTTP/1.1\r\n"), "{request}");
        assert!(request.contains("application/json"), "{request}");
        assert!(request.ends_with("\r\n\r\n{\"alert\":\"a\"}"), "{request}");
    }

    #[test]
    fn what_a_status_says_decides_what_becomes_of_an_alert() {
        check("204 No Content", &Attempt::Taken);
        let again = |reason: &str, after| Attempt::TryAgain { reason: reason.to_owned(), after };
        check("503 Busy", &again("it answered 503", None));
        let after = Some(Duration::from_secs(7));
        check("429 Slow down\r\nRetry-After: 7", &again("it answered 429", after));
        check("400 No", &Attempt::Refused("it answered 400".to_owned()));
    }

    #[test]
    fn redirections_are_not_followed() {
        let server = Server::answering(vec!["302 Found\r\nLocation: http://127.0.0.1/".to_owned()]);
        let webhook = Webhook::new(&server.url(), true, LONG);
        assert!(matches!(webhook.post(b"{}"), Attempt::Refused(reason) if reason.contains("302")));
        assert_eq!(server.requests().len(), 1);
    }

    #[test]
    fn a_server_that_never_answers_is_given_up_after_a_while() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let webhook = Webhook::new(&format!("http://{address}/"), true, Duration::from_millis(100));
        assert!(matches!(webhook.post(b"{}"), Attempt::TryAgain { .. }));
    }

    #[test]
    fn hosts_of_the_own_network_are_refused_unless_allowed() {
        let server = Server::answering(vec!["200 OK".to_owned()]);
        let refused = Webhook::new(&server.url(), false, LONG).post(b"{}");
        assert!(matches!(refused, Attempt::Refused(reason) if reason.contains("allow_private")));
        assert_eq!(Webhook::new(&server.url(), true, LONG).post(b"{}"), Attempt::Taken);
    }

    #[test]
    fn a_name_is_looked_up_once_and_what_it_stood_for_then_is_connected_to() {
        let server = Server::answering(vec!["200 OK".to_owned()]);
        let (asked, place) = (Arc::new(AtomicUsize::new(0)), server.address());
        let counted = Arc::clone(&asked);
        // Whoever asks a second time is sent elsewhere.
        let lookup = Box::new(move |_: &str| {
            let first = counted.fetch_add(1, Ordering::Relaxed) == 0;
            Ok(vec![if first { place } else { SocketAddr::from(([127, 0, 0, 2], 1)) }])
        });
        let resolver = Guarded { allow_private: true, lookup };
        let webhook = Webhook::with_lookup("http://hooks.example.com/hook", resolver, LONG);
        assert_eq!(webhook.post(b"{}"), Attempt::Taken);
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn one_inner_address_among_several_is_enough_to_refuse() {
        let lookup = Box::new(|_: &str| {
            Ok(vec![SocketAddr::from(([93, 184, 216, 34], 80)), ([10, 0, 0, 1], 80).into()])
        });
        let guarded = Guarded { allow_private: false, lookup };
        assert!(guarded.addresses("hooks.example.com:80").is_err());
    }

    #[track_caller]
    fn check_private(address: &str, expected: bool) {
        assert_eq!(is_private(address.parse().expect("an address")), expected, "{address}");
    }

    #[test]
    fn inner_addresses_are_known_in_every_form() {
        for inner in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "ff02::1",
        ] {
            check_private(inner, true);
        }
        for outer in ["93.184.216.34", "100.128.0.1", "2606:4700::1111", "::ffff:93.184.216.34"] {
            check_private(outer, false);
        }
    }
}
