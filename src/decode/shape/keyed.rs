//! Named values become a draft: each role takes its best value, the rest become fields.

use std::borrow::Cow;

use crate::decode::draft::{Draft, Partial, Rules, StatedTime, is_service};
use crate::decode::enrich;
use crate::decode::exception;
use crate::decode::json::{Members, Scalar};
use crate::decode::keys::{Keys, ROLES, Role};
use crate::decode::severity;
use crate::decode::template;
use crate::decode::timestamp::{Reading, split_epoch};
use crate::model::field::Field;
use crate::model::severity::Severity;

/// Which member has which role, and what was read of it on the way.
#[derive(Default)]
struct Chosen {
    members: [Option<(usize, usize)>; ROLES.len()],
    time: Option<StatedTime>,
    severity: Option<Severity>,
}

impl Chosen {
    fn index(&self, role: Role) -> Option<usize> {
        self.members[role.index()].map(|(_, index)| index)
    }

    fn has(&self, index: usize) -> bool {
        self.members.iter().flatten().any(|(_, chosen)| *chosen == index)
    }
}

/// Makes a draft of named values. `whole` is the text they were read from; it is the
/// message of a record that has none. An envelope's text is kept without its line's end.
pub(in crate::decode) fn draft<'a>(
    mut members: Members<'a>,
    whole: &'a str,
    keys: &Keys,
    rules: &Rules,
    is_envelope: bool,
) -> Draft<'a> {
    let chosen = choose(&members, keys, rules);
    let mut draft =
        Draft { time: chosen.time.clone(), severity: chosen.severity, ..Draft::default() };
    add_nanoseconds(&mut draft, &members, &chosen);
    if is_envelope {
        take_body(&mut draft, &members, &chosen);
    } else {
        draft.message = message(&members, &chosen, whole, rules);
    }
    let text_of = |role| {
        let text = members[chosen.index(role)?].1.as_text()?;
        (!rules.is_absent(&text)).then(|| text.into_owned())
    };
    draft.logger = text_of(Role::Logger);
    draft.thread = text_of(Role::Thread);
    draft.service = text_of(Role::Service);
    draft.instance = text_of(Role::Instance);
    draft.host = text_of(Role::Host);
    draft.stream = text_of(Role::Stream);
    if draft.severity.is_none() {
        let of_status = text_of(Role::Status).and_then(|status| severity::of_status(&status));
        draft.severity = of_status.or(rules.default_level);
    }
    draft.fields.reserve(members.len());
    for (index, (name, value)) in members.drain(..).enumerate() {
        add_field(&mut draft.fields, &chosen, index, name, value, rules);
    }
    enrich::enrich(&mut draft, rules);
    exception::complete(&mut draft.fields);
    draft
}

/// Gives each role the member whose name ranks best among those that have a fit value.
fn choose(members: &Members<'_>, keys: &Keys, rules: &Rules) -> Chosen {
    let mut chosen = Chosen::default();
    fill(&mut chosen, members, rules, |name| keys.role(name));
    let lacks = |role| chosen.index(role).is_none();
    if lacks(Role::Time) || lacks(Role::Message) && lacks(Role::Template) {
        let lacking = [Role::Time, Role::Level, Role::Message].map(|role| (role, lacks(role)));
        fill(&mut chosen, members, rules, |name| {
            keys.likely(name).filter(|(role, _)| lacking.contains(&(*role, true)))
        });
    }
    chosen
}

/// Gives roles to members by what their names mean.
fn fill(
    chosen: &mut Chosen,
    members: &Members<'_>,
    rules: &Rules,
    meaning: impl Fn(&str) -> Option<(Role, usize)>,
) {
    for (index, (name, value)) in members.iter().enumerate() {
        let Some((role, rank)) = meaning(name) else { continue };
        let place = &chosen.members[role.index()];
        if place.is_some_and(|(best, _)| best <= rank) {
            continue;
        }
        let fits = match role {
            Role::Arguments => matches!(value, Scalar::List(_)),
            Role::Time => {
                let time = value.as_text().and_then(|text| rules.time(&text));
                let fits = time.is_some();
                chosen.time = time.or(chosen.time.take());
                fits
            }
            Role::Level => {
                let level = value.as_text().and_then(|text| rules.severity(&text));
                chosen.severity = level.or(chosen.severity);
                level.is_some()
            }
            Role::Service => value.as_text().is_some_and(|text| is_service(&text)),
            Role::Message => value.as_text().is_some_and(|text| !text.is_empty()),
            _ => value.as_text().is_some(),
        };
        if fits {
            chosen.members[role.index()] = Some((rank, index));
        }
    }
}

/// A split epoch states whole seconds and, apart from them, nanoseconds.
fn add_nanoseconds(draft: &mut Draft<'_>, members: &Members<'_>, chosen: &Chosen) {
    let Some(nanoseconds) = chosen.index(Role::TimeNanoseconds) else { return };
    let (Some(time), Some(text)) = (&mut draft.time, members[nanoseconds].1.as_text()) else {
        return;
    };
    if let Some(at) = split_epoch(&time.text, &text) {
        time.reading = Reading::Instant(at);
        time.text = format!("{}.{text:0>9}", time.text);
    }
}

fn take_body<'a>(draft: &mut Draft<'a>, members: &Members<'a>, chosen: &Chosen) {
    let Some(index) = chosen.index(Role::Message) else { return };
    match &members[index].1 {
        Scalar::Text(text) => {
            let (body, ended) = text.resolve_line();
            draft.message = body;
            draft.partial = if ended { Partial::Whole } else { Partial::Unended };
        }
        other => draft.message = other.as_text().unwrap_or_default(),
    }
}

/// The message, its template filled in where it is only a template.
fn message<'a>(
    members: &Members<'a>,
    chosen: &Chosen,
    whole: &'a str,
    rules: &Rules,
) -> Cow<'a, str> {
    let text = |role| members[chosen.index(role)?].1.as_text();
    if let Some(message) = text(Role::Message) {
        if let Some(arguments) = chosen.index(Role::Arguments)
            && let Scalar::List(arguments) = &members[arguments].1
        {
            return template::positional(message, arguments);
        }
        return message;
    }
    if let Some(template) = text(Role::Template) {
        return template::named(&template, members).into();
    }
    match &rules.message {
        Some(template) => template::named(template, members).into(),
        None => Cow::Borrowed(whole.trim()),
    }
}

/// Adds a member as a field unless it already is a part of the record.
fn add_field(
    fields: &mut Vec<Field>,
    chosen: &Chosen,
    index: usize,
    name: Cow<'_, str>,
    value: Scalar<'_>,
    rules: &Rules,
) {
    let is = |role: Role| chosen.index(role) == Some(index);
    let name = if is(Role::ExceptionType) {
        exception::TYPE.into()
    } else if is(Role::ExceptionMessage) {
        exception::MESSAGE.into()
    } else if is(Role::ExceptionStacktrace) {
        exception::STACKTRACE.into()
    } else if is(Role::Stream) {
        "log.iostream".into()
    } else if chosen.has(index) && !is(Role::Template) && !is(Role::Status) {
        return;
    } else {
        name
    };
    if matches!(&value, Scalar::Resolved(text) if rules.is_absent(text)) {
        return;
    }
    if let Some(value) = value.into_value() {
        fields.push(Field { name: name.into_owned(), value });
    }
}
