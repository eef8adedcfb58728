//! From the name of a pod, container or task to the service that it runs.

/// The letters and digits of which Kubernetes makes random suffixes: no vowels, no words.
fn is_random(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| b"bcdfghjklmnpqrstvwxz2456789".contains(&byte))
}

fn has_digit(part: &str) -> bool {
    part.bytes().any(|byte| byte.is_ascii_digit())
}

fn is_digits(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_lower_alphanumeric(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// The workload of a pod's name where the name leaves no doubt that it is a pod's: of a
/// Deployment (`checkout-6d9f7c5b84-x2kqp`) or `CronJob` (`report-29384756-x2kqp`).
pub(super) fn of_certain_pod(name: &str) -> Option<&str> {
    let (rest, suffix) = name.rsplit_once('-')?;
    let (workload, hash) = rest.rsplit_once('-')?;
    if workload.is_empty() || suffix.len() != 5 {
        return None;
    }
    let is_replica_set = (6..=10).contains(&hash.len()) && is_random(hash) && is_random(suffix);
    let is_scheduled = (8..=10).contains(&hash.len()) && is_digits(hash) && is_random(suffix);
    (is_replica_set || is_scheduled).then_some(workload)
}

/// The workload of what is known to be a pod's name; also of `DaemonSets`, Jobs and `StatefulSets`.
pub(super) fn of_pod(name: &str) -> &str {
    if let Some(workload) = of_certain_pod(name) {
        return workload;
    }
    let Some((rest, suffix)) = name.rsplit_once('-').filter(|(rest, _)| !rest.is_empty()) else {
        return name;
    };
    if is_digits(suffix) && suffix.len() <= 4 {
        return rest;
    }
    if suffix.len() != 5 || !is_lower_alphanumeric(suffix) || !has_digit(suffix) {
        return name;
    }
    // Some clusters make suffixes of all letters; then both must look random.
    match rest.rsplit_once('-') {
        Some((workload, hash))
            if (6..=10).contains(&hash.len()) && is_lower_alphanumeric(hash) && has_digit(hash) =>
        {
            workload
        }
        _ if is_random(suffix) => rest,
        _ => name,
    }
}

/// The service in a name that an orchestrator may have made: of a pod, a swarm task
/// (`pay.1.<25 characters>`) or a systemd unit, or one with a version behind it (`pay:3.1`,
/// `pay-v2`); any other name as it is.
pub(super) fn of_name(name: &str) -> &str {
    if let Some(workload) = of_certain_pod(name) {
        return workload;
    }
    let task = name.split('@').next().unwrap_or(name);
    let mut parts = task.rsplitn(3, '.');
    if let (Some(id), Some(slot), Some(service)) = (parts.next(), parts.next(), parts.next())
        && id.len() == 25
        && is_digits(slot)
    {
        return service;
    }
    let unit = name.strip_suffix(".service").filter(|rest| !rest.is_empty()).unwrap_or(name);
    without_version(unit)
}

/// A name without the tag or version behind it.
fn without_version(name: &str) -> &str {
    let untagged = match name.rsplit_once(':') {
        Some((rest, tag)) if tag.starts_with(|first: char| first.is_ascii_digit()) => rest,
        _ => name,
    };
    match untagged.rsplit_once("-v") {
        Some((rest, version)) if is_digits(version) && !rest.is_empty() => rest,
        _ if untagged.is_empty() => name,
        _ => untagged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: &str) {
        assert_eq!(of_pod(name), expected, "pod: {name}");
    }

    #[test]
    fn pods_are_of_their_workload() {
        check("ts-travel-service-64469b5b48-25zj6", "ts-travel-service");
        check("ts-security-service-cb9788d56-mrzv2", "ts-security-service");
        check("report-29384756-x2kqp", "report");
        check("fluentd-x7k2p", "fluentd");
        check("redis-0", "redis");
        check("gateway-a1b2c3d4e5-00a1e", "gateway");
        check("checkout", "checkout");
        check("my-service-event", "my-service-event");
    }

    #[test]
    fn only_certain_pods_are_known_by_the_name_alone() {
        assert_eq!(of_certain_pod("checkout-6d9f7c5b84-x2kqp"), Some("checkout"));
        for name in
            ["redis-0", "fluentd-x7k2p", "order-service-cards", "a-b", "", "payment-service"]
        {
            assert_eq!(of_certain_pod(name), None, "name: {name}");
        }
    }

    #[test]
    fn other_names_lose_what_was_added() {
        assert_eq!(of_name("pay.1.k2j3h4g5f6d7s8a9q1w2e3r4t"), "pay");
        assert_eq!(of_name("sshd.service"), "sshd");
        assert_eq!(of_name("checkout"), "checkout");
        assert_eq!(of_name("checkout:3.1"), "checkout");
        assert_eq!(of_name("checkout-v2"), "checkout");
        assert_eq!(of_name("unknown:app"), "unknown:app");
    }
}
