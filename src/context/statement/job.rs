//! Statements of frameworks that hand work on: jobs that are put into a queue and performed,
//! calls that are tried again.

use crate::context::duration;
use crate::context::statement::Said;
use crate::model::field::{Field, Value};
use crate::model::span::{Mark, SpanKind};

/// What a message says of a job or an attempt, if it is one of those known.
pub(super) fn read(message: &str) -> Option<Said> {
    /// `[ActiveJob] [MailJob] [<id>] `: a line has few tags.
    const TAGS_MAX: usize = 4;
    let line = message.lines().next()?;
    let mut untagged = line;
    for _ in 0..TAGS_MAX {
        untagged = match untagged.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
            Some((_, rest)) => rest,
            None => break,
        };
    }
    active_job(untagged).or_else(|| attempt(line)).or_else(|| action(line))
}

/// `Enqueued MailJob (Job ID: <id>) to Sidekiq(default)`, `Performing …`, `Performed … in 12ms`.
fn active_job(line: &str) -> Option<Said> {
    let (word, rest) = line.split_once(' ')?;
    let (kind, mark) = match word {
        "Enqueued" => (SpanKind::Producer, None),
        "Performing" => (SpanKind::Consumer, Some(Mark::Start)),
        "Performed" => (SpanKind::Consumer, Some(Mark::End)),
        _ => return None,
    };
    let (job, rest) = rest.split_once(" (Job ID: ")?;
    let (id, rest) = rest.split_once(')')?;
    let took = rest.rsplit_once(" in ").and_then(|(_, took)| duration::with_unit(took.trim()));
    Some(Said {
        name: Some(job.to_owned()),
        kind: Some(kind),
        duration: took.filter(|_| mark == Some(Mark::End)),
        mark,
        attributes: vec![Field::text("messaging.message.id", id)],
        ..Said::default()
    })
}

/// Polly: `Execution attempt. Source: 'pipe//Retry', …, Attempt: '1', Execution Time: 106.8ms`.
fn attempt(line: &str) -> Option<Said> {
    let rest = line.strip_prefix("Execution attempt. ")?;
    let value = |name: &str| Some(rest.split_once(name)?.1.split(',').next()?.trim_matches('\''));
    let number = value("Attempt: ").filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let attributes = number.map(|number| Field {
        name: "http.request.resend_count".to_owned(),
        value: Value::Number(number.to_owned()),
    });
    Some(Said {
        duration: Some(duration::with_unit(value("Execution Time: ")?)?),
        kind: Some(SpanKind::Client),
        mark: Some(Mark::End),
        attributes: attributes.into_iter().collect(),
        ..Said::default()
    })
}

/// Rails: `Processing by OrdersController#show as JSON`.
fn action(line: &str) -> Option<Said> {
    let name = line.strip_prefix("Processing by ")?.split(' ').next()?;
    name.contains('#').then(|| Said {
        name: Some(name.to_owned()),
        kind: Some(SpanKind::Server),
        ..Said::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_are_enqueued_and_performed() {
        let id = "5a0c1d7e-93b4-4d0f-8e21-c6b7f0a45d92";
        let said =
            read(&format!("[ActiveJob] Enqueued MailJob (Job ID: {id}) to Sidekiq(default)"));
        let said = said.expect("a job");
        assert_eq!((said.kind, said.mark), (Some(SpanKind::Producer), None));
        let said = read(&format!(
            "[ActiveJob] [MailJob] [{id}] Performed MailJob (Job ID: {id}) from Sidekiq(default) in 12.34ms"
        ));
        let said = said.expect("a job");
        assert_eq!((said.name.as_deref(), said.duration), (Some("MailJob"), Some(12_340_000)));
        assert_eq!(said.attributes, [Field::text("messaging.message.id", id)]);
    }

    #[test]
    fn attempts_and_actions_are_told() {
        let said = read(
            "Execution attempt. Source: 'pipe//Retry', Operation Key: '', Result: '503', Handled: 'True', Attempt: '1', Execution Time: 106.8ms",
        );
        assert_eq!(said.expect("an attempt").duration, Some(106_800_000));
        let said = read("Processing by OrdersController#show as JSON").expect("an action");
        assert_eq!(said.name.as_deref(), Some("OrdersController#show"));
        assert_eq!(read("Processing by hand"), None);
    }
}
