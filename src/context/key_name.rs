//! Which names are those of business identifiers, and in what form they are kept.

use std::borrow::Cow;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use crate::context::secret;

/// A stream whose messages have more words before values than this makes them from data.
const WORDS_MAX: usize = 4096;

/// What a name promises of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Promise {
    /// An identifier of any form.
    Id,
    /// A thing: numbers may as well count it.
    Noun,
    /// A party with a name: words are values too.
    Party,
    /// `id` alone: only a value that is an identifier by its own look counts.
    Bare,
}

/// A key's name and what it promises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyName {
    /// Lower snake case.
    pub(super) name: String,
    pub(super) promise: Promise,
}

/// Last words of names that identify something.
const ID_WORDS: [&str; 10] =
    ["id", "uuid", "guid", "no", "nr", "number", "num", "ref", "reference", "sku"];

/// Things that businesses number.
const NOUNS: [&str; 47] = [
    "order",
    "user",
    "customer",
    "account",
    "cart",
    "basket",
    "payment",
    "invoice",
    "shipment",
    "delivery",
    "product",
    "item",
    "variant",
    "trip",
    "ticket",
    "booking",
    "reservation",
    "route",
    "transaction",
    "charge",
    "refund",
    "subscription",
    "plan",
    "coupon",
    "voucher",
    "contract",
    "claim",
    "policy",
    "case",
    "employee",
    "member",
    "patient",
    "student",
    "vehicle",
    "driver",
    "ride",
    "seat",
    "store",
    "warehouse",
    "supplier",
    "merchant",
    "tenant",
    "device",
    "document",
    "contact",
    "assurance",
    "purchase",
];

const PARTIES: [&str; 8] = [
    "tenant",
    "tenant_id",
    "tenant_name",
    "org",
    "organization",
    "organisation",
    "merchant",
    "account",
];

/// Names of machinery, and numbers that count or place something.
const NOISE: [&str; 36] = [
    "total",
    "max",
    "min",
    "batch",
    "limit",
    "count",
    "thread",
    "process",
    "proc",
    "event",
    "connection",
    "conn",
    "container",
    "image",
    "pod",
    "host",
    "node",
    "instance",
    "worker",
    "span",
    "trace",
    "parent",
    "parent_span",
    "segment",
    "line",
    "page",
    "port",
    "version",
    "build",
    "sequence",
    "seq",
    "row",
    "column",
    "partition",
    "retry",
    "attempt",
];

/// What codes and keys speak of when they identify nothing.
const CODE_NOISE: [&str; 22] = [
    "status",
    "response",
    "http",
    "error",
    "exit",
    "result",
    "return",
    "state",
    "reason",
    "grpc",
    "country",
    "language",
    "lang",
    "currency",
    "zip",
    "postal",
    "area",
    "partition",
    "routing",
    "primary",
    "foreign",
    "cache",
];

/// Containers of fields, no part of a key's name.
const CONTAINERS: [&str; 22] = [
    "fields",
    "extra",
    "attributes",
    "properties",
    "state",
    "labels",
    "context",
    "mdc",
    "ctx",
    "contextmap",
    "data",
    "payload",
    "body",
    "params",
    "request",
    "req",
    "response",
    "args",
    "meta",
    "metadata",
    "record",
    "jsonpayload",
];

/// Words before an `id` that name nothing.
const STOP_WORDS: [&str; 20] = [
    "by", "the", "this", "that", "with", "for", "its", "where", "and", "or", "on", "set", "has",
    "new", "old", "invalid", "unknown", "given", "from", "to",
];

/// The key that a field's name stands for, if it is one.
pub(super) fn of_field(name: &str) -> Option<KeyName> {
    let mut parts = name.rsplit(['.', '/']).filter(|part| !is_index(part));
    let last = snake(parts.next()?);
    let last = last.strip_prefix("x_").unwrap_or(&last);
    if !is_bare(last) {
        return judged(last);
    }
    let parent = parts.map(snake).find(|part| !CONTAINERS.contains(&part.as_str()));
    judged(&match parent {
        Some(parent) => format!("{}_{last}", singular(&parent)),
        None => last.to_owned(),
    })
}

/// The keys that words of messages stand for, remembered for each stream: its messages use
/// the same words over and over.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: HashMap<Box<str>, Option<KeyName>, RandomState>,
    /// The last key that had no place among the known ones.
    passing: Option<KeyName>,
}

impl Names {
    /// The key that a word stands for, with the word before it if that may qualify it.
    pub(super) fn key(&mut self, word: &str, before: Option<&str>) -> Option<&KeyName> {
        if is_bare_word(word) {
            self.passing = of_bare(word, before);
            return self.passing.as_ref();
        }
        if !self.known.contains_key(word) {
            let key = judged(&snake(word));
            if self.known.len() >= WORDS_MAX {
                self.passing = key;
                return self.passing.as_ref();
            }
            self.known.insert(word.into(), key);
        }
        self.known.get(word)?.as_ref()
    }
}

/// Whether a word as it is spelled makes a name only with another.
fn is_bare_word(word: &str) -> bool {
    word.len() <= 9 && is_bare(&word.to_ascii_lowercase())
}

fn of_bare(word: &str, before: Option<&str>) -> Option<KeyName> {
    let word = word.to_ascii_lowercase();
    let parent = before.map(snake).filter(|parent| {
        parent.len() >= 3 && !STOP_WORDS.contains(&parent.as_str()) && !is_index(parent)
    });
    match parent {
        Some(parent) => judged(&format!("{}_{word}", singular(&parent))),
        None => judged(&word),
    }
}

/// The key of `id` where a row of this table is looked for.
pub(super) fn of_table(table: &str) -> Option<KeyName> {
    let noun = snake(table.rsplit('.').next().unwrap_or(table));
    let key = judged(&format!("{}_id", singular(&noun)))?;
    (key.promise == Promise::Id).then_some(key)
}

/// The key of a noun in a sentence: `order ORD-5521`.
pub(super) fn of_noun(word: &str) -> Option<String> {
    let word = word.to_ascii_lowercase();
    NOUNS.contains(&word.as_str()).then(|| format!("{word}_id"))
}

/// The key of a path's collection: `/orders/ORD-1`.
pub(super) fn of_collection(word: &str) -> Option<KeyName> {
    const FOLDERS: [&str; 30] = [
        "api", "proc", "pid", "lib", "libs", "usr", "var", "tmp", "log", "logs", "bin", "src",
        "app", "apps", "home", "opt", "dev", "sys", "static", "assets", "css", "images", "img",
        "dist", "modules", "packages", "versions", "classes", "jars", "docs",
    ];
    let word = snake(word);
    if word.len() < 3 || FOLDERS.contains(&word.as_str()) || secret::is_name(&word) {
        return None;
    }
    let noun = singular(&word);
    let promise = if noun.len() < word.len() || NOUNS.contains(&&*noun) {
        Promise::Id
    } else {
        Promise::Noun
    };
    Some(KeyName { name: format!("{noun}_id"), promise })
}

/// The key of an identifier that carries its kind in itself: `ORD-20417`, `cus_9f3c`.
pub(super) fn of_prefix(prefix: &str) -> String {
    let prefix = prefix.to_ascii_lowercase();
    let noun = match prefix.as_str() {
        "ord" => "order",
        "inv" => "invoice",
        "cus" | "cust" => "customer",
        "usr" | "u" => "user",
        "pi" | "pay" | "pmt" => "payment",
        "ch" => "charge",
        "txn" | "tx" => "transaction",
        "acct" | "acc" => "account",
        "sub" => "subscription",
        "prod" => "product",
        "shp" | "ship" => "shipment",
        "req" => "request",
        other => other,
    };
    format!("{noun}_id")
}

/// Whether a word is one that only another word makes a name of.
fn is_bare(word: &str) -> bool {
    word != "sku" && (ID_WORDS.contains(&word) || matches!(word, "code" | "key"))
}

fn judged(name: &str) -> Option<KeyName> {
    if name.len() > 64 || secret::is_name(name) {
        return None;
    }
    let key = |promise| Some(KeyName { name: name.to_owned(), promise });
    if PARTIES.contains(&name) {
        return key(Promise::Party);
    }
    if name == "customer" {
        return Some(KeyName { name: "customer_id".to_owned(), promise: Promise::Party });
    }
    let (rest, last) = name.rsplit_once('_').unwrap_or(("", name));
    if matches!(last, "code" | "key") {
        let is_noise = rest.is_empty() || CODE_NOISE.iter().any(|noise| rest.ends_with(noise));
        return if is_noise { None } else { key(Promise::Noun) };
    }
    if ID_WORDS.contains(&last) {
        return match rest {
            "" if last == "sku" => key(Promise::Id),
            "" => key(Promise::Bare),
            rest if NOISE.contains(&rest) => None,
            _ => key(Promise::Id),
        };
    }
    if rest.is_empty() && NOUNS.contains(&last) {
        return Some(KeyName { name: format!("{last}_id"), promise: Promise::Noun });
    }
    let joined = name.strip_suffix("id").filter(|noun| NOUNS.contains(noun))?;
    Some(KeyName { name: format!("{joined}_id"), promise: Promise::Id })
}

/// `orderId`, `OrderID` and `order-id` as `order_id`.
fn snake(name: &str) -> String {
    let mut written = String::with_capacity(name.len() + 4);
    let mut characters = name.chars().peekable();
    let mut before = '_';
    while let Some(character) = characters.next() {
        if character.is_alphanumeric() {
            let begins_word = character.is_uppercase()
                && (before.is_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_uppercase()
                        && characters.peek().is_some_and(|next| next.is_lowercase())));
            if begins_word && !written.ends_with('_') {
                written.push('_');
            }
            written.extend(character.to_lowercase());
        } else if !written.is_empty() && !written.ends_with('_') {
            written.push('_');
        }
        before = character;
    }
    written.truncate(written.trim_end_matches('_').len());
    written
}

/// `orders` as `order`, `deliveries` as `delivery`; other words as they are.
fn singular(word: &str) -> Cow<'_, str> {
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 2) {
        return Cow::Owned(format!("{stem}y"));
    }
    let stem = ["ches", "shes", "sses", "xes"]
        .iter()
        .any(|ending| word.ends_with(ending))
        .then(|| &word[..word.len() - 2])
        .or_else(|| {
            word.strip_suffix('s').filter(|stem| stem.len() > 2 && !stem.ends_with(['s', 'u', 'i']))
        });
    Cow::Borrowed(stem.unwrap_or(word))
}

fn is_index(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(field: &str, expected: Option<(&str, Promise)>) {
        let found = of_field(field);
        let found = found.as_ref().map(|key| (key.name.as_str(), key.promise));
        assert_eq!(found, expected, "field: {field}");
    }

    #[test]
    fn one_name_has_many_spellings() {
        for field in [
            "orderId",
            "OrderId",
            "order-id",
            "order.id",
            "orderID",
            "fields.order_id",
            "orderid",
            "orders.0.id",
            "x-order-id",
        ] {
            check(field, Some(("order_id", Promise::Id)));
        }
        check("order", Some(("order_id", Promise::Noun)));
        check("data.id", Some(("id", Promise::Bare)));
        check("train_number", Some(("train_number", Promise::Id)));
        check("tenant", Some(("tenant", Promise::Party)));
        check("sku", Some(("sku", Promise::Id)));
        check("promo_code", Some(("promo_code", Promise::Noun)));
    }

    #[test]
    fn machinery_and_secrets_are_no_keys() {
        for field in [
            "thread_id",
            "pid",
            "process.id",
            "span_id",
            "trace_id",
            "status_code",
            "line_number",
            "paid",
            "valid",
            "password_id",
            "session_token_id",
            "api_key",
            "message",
            "duration",
            "http.response.status_code",
            "code",
        ] {
            check(field, None);
        }
    }

    #[test]
    fn collections_are_named_for_one_of_them() {
        for (word, name) in [
            ("orders", "order_id"),
            ("deliveries", "delivery_id"),
            ("boxes", "box_id"),
            ("status", "status_id"),
        ] {
            assert_eq!(of_collection(word).expect("a key").name, name, "word: {word}");
        }
        assert_eq!(of_collection("api"), None);
    }
}
