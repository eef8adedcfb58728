//! The messages of `templates.txt`, taken apart once, so that filling one in is a walk over pieces.

use crate::random::Random;
use crate::text;

/// A service of the generated shop.
#[derive(Debug)]
pub(crate) struct Service {
    /// Its name.
    pub(crate) name: &'static str,
    /// How its log lines look.
    pub(crate) dialect: Dialect,
    /// What begins a span.
    pub(crate) begin: Vec<Template>,
    /// What is said within one.
    pub(crate) work: Vec<Template>,
    /// What ends one.
    pub(crate) end: Vec<Template>,
    /// What fails.
    pub(crate) failure: Vec<Template>,
    /// What is said without a request.
    pub(crate) idle: Vec<Template>,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// JSON of Go's zap.
    Zap,
    /// JSON of Node's pino.
    Pino,
    /// JSON of logback with the logstash encoder.
    Logback,
    /// Text of Spring Boot, with stack traces over many lines.
    Text,
}

/// A level, with the words and numbers that dialects have for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// For developers.
    Debug,
    /// Normal.
    Info,
    /// Odd.
    Warn,
    /// Failed.
    Error,
}

/// One message.
#[derive(Debug)]
pub(crate) struct Template {
    /// Its level.
    pub(crate) level: Level,
    /// Its text in pieces.
    pub(crate) pieces: Vec<Piece>,
    /// Fields that go beside it.
    pub(crate) fields: Vec<(&'static str, Slot)>,
}

/// A part of a message.
#[derive(Debug)]
pub(crate) enum Piece {
    /// Always the same.
    Text(&'static str),
    /// Filled in.
    Slot(Slot),
}

/// What can be filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    /// `ORD-04417236`, one a request.
    Order,
    /// `usr-204417`, one a request.
    User,
    /// `KTL-2207`, one a request.
    Sku,
    /// An address of the client, one a request.
    Address,
    /// A path with the request's ids in it.
    Url,
    /// An opaque word of 16 hexadecimal digits, new each time.
    Session,
    /// `GET`, `POST` and so on.
    Method,
    /// Another service.
    Peer,
    /// A machine.
    Host,
    /// A small number.
    Count,
    /// A large number.
    Bytes,
    /// 1 to 3.
    Attempt,
    /// Money with two decimals.
    Amount,
    /// Milliseconds with two decimals.
    Duration,
    /// A status code.
    Status,
}

impl Slot {
    /// Whether JSON writes it without quotes.
    pub(crate) fn is_number(self) -> bool {
        matches!(self, Self::Count | Self::Bytes | Self::Attempt | Self::Duration | Self::Status)
    }
}

/// What one request is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    order: u64,
    user: u64,
    sku: u64,
    address: u64,
}

impl Facts {
    /// Draws what a request is about.
    pub(crate) fn draw(random: &mut Random) -> Self {
        Self {
            order: random.below(100_000_000),
            user: random.below(400_000),
            sku: random.below(3 * 10_000),
            address: random.bits(),
        }
    }

    /// Appends the text of a slot. The same line gets the same text for it, so that message
    /// and fields agree.
    pub(crate) fn fill(&self, slot: Slot, out: &mut Vec<u8>, line: u64) {
        let random = &mut Random::new(line.wrapping_add(slot as u64));
        match slot {
            Slot::Order => identifier(out, "ORD-", self.order, 8),
            Slot::User => identifier(out, "usr-", self.user, 6),
            Slot::Sku => identifier(
                out,
                ["KTL-", "TEA-", "MUG-"][(self.sku / 10_000) as usize],
                self.sku % 10_000,
                4,
            ),
            Slot::Address => text::address(out, self.address),
            Slot::Url => self.url(out, line, random),
            Slot::Session => text::hex(out, random.bits()),
            Slot::Method => {
                out.extend_from_slice(random.pick(&["GET", "GET", "POST", "PUT"]).as_bytes());
            }
            Slot::Peer => out.extend_from_slice(random.pick(&PEERS).as_bytes()),
            Slot::Host => identifier(out, "node-", random.below(24), 2),
            Slot::Count => text::number(out, random.below(400)),
            Slot::Bytes => text::number(out, random.between(40, 90_000)),
            Slot::Attempt => text::number(out, random.between(1, 4)),
            Slot::Amount => {
                text::number(out, random.below(600));
                out.push(b'.');
                text::padded(out, random.below(100), 2);
            }
            Slot::Duration => text::milliseconds(out, random),
            Slot::Status => {
                let status = *random.pick(&[200, 200, 200, 201, 204, 304, 404, 409]);
                text::number(out, status);
            }
        }
    }

    fn url(&self, out: &mut Vec<u8>, line: u64, random: &mut Random) {
        let (path, slot) = *random.pick(&[
            ("orders", Slot::Order),
            ("users", Slot::User),
            ("products", Slot::Sku),
        ]);
        out.extend_from_slice(b"/api/v2/");
        out.extend_from_slice(path.as_bytes());
        out.push(b'/');
        self.fill(slot, out, line);
        if random.per_mille(300) {
            out.extend_from_slice(b"?page=");
            text::number(out, random.below(40));
        }
    }
}

/// Whom a service calls, as named in its messages.
const PEERS: [&str; 6] = ["payment", "inventory", "pricing", "shipping", "customer", "catalogue"];

fn identifier(out: &mut Vec<u8>, prefix: &str, value: u64, width: usize) {
    out.extend_from_slice(prefix.as_bytes());
    text::padded(out, value, width);
}

/// The shop, as `templates.txt` describes it.
///
/// # Panics
/// When that file, which is part of the program, is not as it should be.
pub(crate) fn services() -> Vec<Service> {
    let mut services = Vec::new();
    for line in include_str!("templates.txt").lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(head) = line.strip_prefix('[') {
            services.push(service(head.trim_end_matches(']')));
            continue;
        }
        let service: &mut Service = services.last_mut().expect("a service comes first");
        let (role, rest) = line.split_once(' ').expect("a role, then a message");
        let template = template(rest);
        match role {
            "b" => service.begin.push(template),
            "w" => service.work.push(template),
            "e" => service.end.push(template),
            "f" => service.failure.push(template),
            "i" => service.idle.push(template),
            _ => panic!("no such role: {role}"),
        }
    }
    services
}

fn service(head: &'static str) -> Service {
    let (name, dialect) = head.split_once(' ').expect("a name and a dialect");
    let dialect = match dialect {
        "zap" => Dialect::Zap,
        "pino" => Dialect::Pino,
        "logback" => Dialect::Logback,
        "text" => Dialect::Text,
        _ => panic!("no such dialect: {dialect}"),
    };
    Service {
        name,
        dialect,
        begin: Vec::new(),
        work: Vec::new(),
        end: Vec::new(),
        failure: Vec::new(),
        idle: Vec::new(),
    }
}

fn template(text: &'static str) -> Template {
    let (level, rest) = text.split_once(' ').expect("a level, then a message");
    let level = match level {
        "debug" => Level::Debug,
        "info" => Level::Info,
        "warn" => Level::Warn,
        "error" => Level::Error,
        _ => panic!("no such level: {level}"),
    };
    let (message, fields) = rest.split_once(" | ").expect("a message, then fields");
    Template {
        level,
        pieces: pieces(message),
        fields: fields.split(' ').map(|name| (name, slot_of_field(name))).collect(),
    }
}

fn pieces(message: &'static str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = message;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').expect("a closing brace");
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        pieces.push(Piece::Slot(slot(name)));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

fn slot(name: &str) -> Slot {
    match name {
        "order" => Slot::Order,
        "user" => Slot::User,
        "sku" => Slot::Sku,
        "address" => Slot::Address,
        "url" => Slot::Url,
        "session" => Slot::Session,
        "method" => Slot::Method,
        "peer" => Slot::Peer,
        "host" => Slot::Host,
        "count" => Slot::Count,
        "bytes" => Slot::Bytes,
        "attempt" => Slot::Attempt,
        "amount" => Slot::Amount,
        "ms" => Slot::Duration,
        "status" => Slot::Status,
        _ => panic!("no such slot: {name}"),
    }
}

fn slot_of_field(name: &str) -> Slot {
    match name {
        "order_id" => Slot::Order,
        "user_id" => Slot::User,
        "client" => Slot::Address,
        "duration_ms" => Slot::Duration,
        "auth" | "reservation" | "label" | "shipment" | "message_id" | "session_id" | "cart_id"
        | "idempotency_key" => Slot::Session,
        _ => slot(name),
    }
}
