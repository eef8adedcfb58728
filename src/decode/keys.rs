//! Which name means what: the lists of keys by which JSON and logfmt lines are understood.

use std::collections::HashMap;

/// What a value is to its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Time,
    /// Nanoseconds within the second that the time states.
    TimeNanoseconds,
    Level,
    Message,
    /// A message with names in braces, filled from the other values.
    Template,
    /// Values for the `{}` of a message.
    Arguments,
    Logger,
    Thread,
    Service,
    Instance,
    Host,
    /// Which output stream of a container it came from.
    Stream,
    /// An HTTP status, from which a record without level takes its severity.
    Status,
    ExceptionType,
    ExceptionMessage,
    ExceptionStacktrace,
}

/// Roles by the names that definitions use; the order is that of [`Role`].
pub(super) const ROLES: [(&str, Role); 16] = [
    ("time", Role::Time),
    ("time_nanoseconds", Role::TimeNanoseconds),
    ("level", Role::Level),
    ("message", Role::Message),
    ("template", Role::Template),
    ("arguments", Role::Arguments),
    ("logger", Role::Logger),
    ("thread", Role::Thread),
    ("service", Role::Service),
    ("instance", Role::Instance),
    ("host", Role::Host),
    ("stream", Role::Stream),
    ("status", Role::Status),
    ("exception_type", Role::ExceptionType),
    ("exception_message", Role::ExceptionMessage),
    ("exception_stacktrace", Role::ExceptionStacktrace),
];

impl Role {
    /// Its place in [`ROLES`].
    pub(super) const fn index(self) -> usize {
        self as usize
    }
}

/// Longer names are not weighed.
const LIKELY_BYTES_MAX: usize = 48;
/// More names than any list has.
const LISTED_MAX: usize = 1000;

/// Names and their roles. For one role the name that comes first in its list wins.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys {
    roles: HashMap<String, (Role, usize), foldhash::fast::RandomState>,
    named: [usize; ROLES.len()],
}

impl Keys {
    /// Adds a name behind those that the role has already; a name has one role only.
    pub(super) fn add(&mut self, role: Role, name: &str) {
        let rank = &mut self.named[role.index()];
        if !self.roles.contains_key(name) {
            self.roles.insert(name.to_owned(), (role, *rank));
            *rank += 1;
        }
    }

    /// Takes over the lists of all roles that have none here.
    pub(super) fn complete(&mut self, general: &Self, except: Option<Role>) {
        for (name, (role, rank)) in &general.roles {
            if Some(*role) != except
                && self.named[role.index()] == 0
                && !self.roles.contains_key(name)
            {
                self.roles.insert(name.clone(), (*role, *rank));
            }
        }
    }

    /// The role of a name that is spelled in some other way than the lists have it: `Log Level`,
    /// `logTimestamp`. Ranks begin behind those of the lists.
    pub(super) fn likely(&self, name: &str) -> Option<(Role, usize)> {
        if let Some(found) = self.role(name) {
            return Some(found);
        }
        if name.len() > LIKELY_BYTES_MAX {
            return None;
        }
        let last = name.rsplit('.').next().unwrap_or(name);
        let plain: String = last
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|letter| letter.to_ascii_lowercase())
            .collect();
        let rank = |rank: usize| rank + LISTED_MAX;
        Some(match plain.as_str() {
            "timestamp" | "logtimestamp" | "eventtimestamp" | "timestamputc" | "utctimestamp" => {
                (Role::Time, rank(0))
            }
            "datetime" | "time" | "eventtime" | "logtime" | "timegenerated" | "ts"
            | "receivedat" | "createdat" | "occurredat" | "loggedat" | "emittedat"
            | "eventdate" | "logdate" | "date" | "when" | "created" | "timeiso8601" | "isotime"
            | "utctime" | "timelocal" | "timestampms" | "timens" | "timems" | "epoch"
            | "ingestiontime" | "observedtimestamp" => (Role::Time, rank(1)),
            "level" | "loglevel" | "severity" | "severitylevel" | "logseverity" | "levelname"
            | "severitytext" | "lvl" | "sev" | "prio" | "priority" | "messagelevel" => {
                (Role::Level, rank(0))
            }
            "message" | "msg" | "logmessage" | "log" | "logline" | "line" | "raw" | "content"
            | "messagetext" | "description" | "eventmessage" | "rawlog" | "logevent"
            | "payload" | "text" | "body" => (Role::Message, rank(0)),
            _ => return None,
        })
    }

    /// The role of a name and its rank among those of the role; lower ranks win.
    pub(super) fn role(&self, name: &str) -> Option<(Role, usize)> {
        self.roles.get(name).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_stands_at_its_place() {
        for (index, (name, role)) in ROLES.iter().enumerate() {
            assert_eq!(role.index(), index, "role: {name}");
        }
    }

    #[test]
    fn a_role_without_a_list_takes_the_general_one() {
        let mut general = Keys::default();
        general.add(Role::Time, "time");
        general.add(Role::Level, "level");
        general.add(Role::Level, "severity");
        let mut own = Keys::default();
        own.add(Role::Time, "@t");
        own.complete(&general, None);
        assert_eq!(own.role("@t"), Some((Role::Time, 0)));
        assert_eq!(own.role("time"), None);
        assert_eq!(own.role("severity"), Some((Role::Level, 1)));
    }
}
