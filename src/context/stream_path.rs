//! What the place of a stream says of who wrote it: pod, service, host.

use crate::context::{service as naming, workload};

/// Parts of file names that say what kind of output it is, not whose.
const OUTPUT_WORDS: [&str; 16] = [
    "log", "logs", "json", "jsonl", "ndjson", "out", "err", "txt", "csv", "tsv", "stdout",
    "stderr", "access", "error", "current", "console",
];

/// Endings of compressed files.
const COMPRESSED: [&str; 6] = ["gz", "zst", "bz2", "xz", "zip", "tgz"];

/// Names that every project has.
const GENERIC: [&str; 18] = [
    "app",
    "main",
    "server",
    "service",
    "application",
    "default",
    "output",
    "messages",
    "syslog",
    "system",
    "docker",
    "container",
    "all",
    "combined",
    "root",
    "api",
    "web",
    "stdin",
];

/// Folders that only hold logs.
const LOG_FOLDERS: [&str; 11] =
    ["logs", "log", "var", "tmp", "data", "pods", "containers", "home", "opt", "srv", "root"];

/// Who wrote a stream, as far as its path says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Writer {
    /// The service; `unknown:<file stem>` if the path says nothing.
    pub(super) service: String,
    pub(super) instance: Option<String>,
    pub(super) host: Option<String>,
    /// The namespace of its pod.
    pub(super) namespace: Option<String>,
    /// The container beside the service in its pod.
    pub(super) component: Option<String>,
}

/// A pod's output, as a path names it.
#[derive(Default)]
struct Pod<'a> {
    name: &'a str,
    namespace: Option<&'a str>,
    container: Option<&'a str>,
}

/// Reads a stream's path; inside archives only the innermost counts.
pub(super) fn writer(path: &str) -> Writer {
    let inner = path.rsplit("!/").next().unwrap_or(path);
    let parts: Vec<&str> = inner.split(['/', '\\']).filter(|part| !part.is_empty()).collect();
    let nobody = Writer {
        service: String::new(),
        instance: None,
        host: None,
        namespace: None,
        component: None,
    };
    let Some((file, folders)) = parts.split_last() else {
        return Writer { service: "unknown:-".to_owned(), ..nobody };
    };
    let pod = pod(file, folders);
    let host = host(folders, pod.is_some());
    let Some(pod) = pod else {
        return Writer { service: service(file, folders), host, ..nobody };
    };
    Writer {
        service: workload::of_pod(pod.name).to_owned(),
        instance: Some(pod.name.to_owned()),
        host,
        namespace: pod.namespace.map(str::to_owned),
        component: pod.container.filter(|name| naming::is_sidecar(name)).map(str::to_owned),
    }
}

/// The pod whose output this is, in the forms in which kubelet, container runtimes and
/// people who collect logs name files.
fn pod<'a>(file: &'a str, folders: &[&'a str]) -> Option<Pod<'a>> {
    if let [.., pods, folder, container] = folders
        && *pods == "pods"
        && let [namespace, name, _uid] = folder.split('_').collect::<Vec<_>>()[..]
    {
        return Some(Pod { name, namespace: Some(namespace), container: Some(container) });
    }
    let named = |name: &'a str| Pod { name, ..Pod::default() };
    let stem = stem(file);
    let parts: Vec<&str> = stem.split('_').collect();
    if let [name, namespace, container] = parts[..]
        && (folders.last() == Some(&"containers") || has_container_id(container))
    {
        let container = container.rsplit_once('-').map(|(container, _)| container);
        return Some(Pod { name, namespace: Some(namespace), container });
    }
    if workload::of_certain_pod(parts[0]).is_some() {
        return Some(named(parts[0]));
    }
    if let [pod, container] = parts[..]
        && workload::of_pod(pod) != pod
        && !OUTPUT_WORDS.contains(&container)
        && !container.bytes().any(|byte| byte.is_ascii_digit())
    {
        return Some(named(pod));
    }
    let folder = folders.last().copied();
    folder.filter(|folder| workload::of_certain_pod(folder).is_some()).map(named)
}

/// `<container>-<64 hexadecimal digits>`.
fn has_container_id(container: &str) -> bool {
    container.rsplit_once('-').is_some_and(|(_, id)| is_container_id(id))
}

fn is_container_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The last folder that is an address, or looks like a node right above a pod's file.
fn host(folders: &[&str], is_pod: bool) -> Option<String> {
    if let Some(address) = folders.iter().rev().find(|folder| is_address(folder)) {
        return Some((*address).to_owned());
    }
    let folder = folders.last().filter(|folder| is_pod && is_node(folder))?;
    Some((*folder).to_owned())
}

fn is_address(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_ok()
}

fn is_node(text: &str) -> bool {
    const STARTS: [&str; 10] =
        ["node", "worker", "master", "control", "host", "ip-", "gke-", "aks-", "k8s", "vm"];
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    has_digit
        && workload::of_certain_pod(text).is_none()
        && STARTS.iter().any(|start| text.starts_with(start))
}

/// The file's name without endings: `orders.log.2.gz` is `orders`.
fn stem(file: &str) -> &str {
    let mut stem = file;
    while let Some((rest, ending)) = stem.rsplit_once('.') {
        let is_known = COMPRESSED.contains(&ending)
            || OUTPUT_WORDS.contains(&ending)
            || ending.bytes().all(|byte| byte.is_ascii_digit());
        if !is_known || rest.is_empty() {
            break;
        }
        stem = rest;
    }
    stem
}

fn service(file: &str, folders: &[&str]) -> String {
    let name = without_additions(file);
    if !name.is_empty() && !is_generic(name) && !is_container_id(name) {
        return name.to_owned();
    }
    let place = folders.iter().rposition(|folder| !is_passed_over(folder));
    let folder = place.map(|place| (place, without_additions(folders[place])));
    match folder {
        // A folder right under those of users is a person's name.
        Some((place, name))
            if !name.is_empty()
                && !is_generic(name)
                && !is_container_id(name)
                && (place == 0 || !matches!(folders[place - 1], "home" | "Users")) =>
        {
            name.to_owned()
        }
        _ => unknown(file),
    }
}

fn unknown(file: &str) -> String {
    let stem = stem(file);
    let stem = if is_container_id(stem.trim_end_matches("-json")) { &stem[..12] } else { stem };
    format!("unknown:{}", if stem == "-" { "stdin" } else { stem })
}

fn is_generic(name: &str) -> bool {
    name == "-" || GENERIC.iter().any(|generic| name.eq_ignore_ascii_case(generic))
}

fn is_passed_over(folder: &str) -> bool {
    let lower = folder.to_ascii_lowercase();
    LOG_FOLDERS.contains(&lower.as_str())
        || folder.starts_with('.')
        || is_address(folder)
        || !folder.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Takes dates, numbers, hosts and words of output off the end of a name.
fn without_additions(name: &str) -> &str {
    let mut name = name.split('@').next().unwrap_or(name);
    loop {
        let cut = name.rfind(['.', '-', '_']).map_or(0, |separator| separator + 1);
        let last = &name[cut..];
        let is_addition = last.is_empty()
            || is_date_or_number(last)
            || COMPRESSED.contains(&last)
            || OUTPUT_WORDS.iter().any(|word| last.eq_ignore_ascii_case(word));
        if name.is_empty() || !is_addition {
            return name;
        }
        name = name[..cut].trim_end_matches(['.', '-', '_']);
    }
}

/// Digits, perhaps with the `T` and `Z` of a time.
fn is_date_or_number(part: &str) -> bool {
    part.starts_with(|first: char| first.is_ascii_digit())
        && part.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'T' | b'Z'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, service: &str, instance: Option<&str>, host: Option<&str>) {
        let found = writer(path);
        let found = (found.service.as_str(), found.instance.as_deref(), found.host.as_deref());
        assert_eq!(found, (service, instance, host), "path: {path}");
    }

    #[test]
    fn a_pods_file_names_workload_instance_and_host() {
        check(
            "/x/bundle.tar.gz!/logs/33.33.33.79/ts-travel-service-64469b5b48-25zj6_server.log",
            "ts-travel-service",
            Some("ts-travel-service-64469b5b48-25zj6"),
            Some("33.33.33.79"),
        );
        check(
            "logs/node-3/checkout-6d9f7c5b84-x2kqp.log.gz",
            "checkout",
            Some("checkout-6d9f7c5b84-x2kqp"),
            Some("node-3"),
        );
        check("redis-0_redis.log", "redis", Some("redis-0"), None);
        check(
            "dump/shop/checkout-6d9f7c5b84-x2kqp/logs.txt",
            "checkout",
            Some("checkout-6d9f7c5b84-x2kqp"),
            None,
        );
    }

    #[test]
    fn kubernetes_paths_name_the_pod() {
        check(
            "/var/log/pods/shop_payments-7c5d9b6f48-q8zvn_6b1e/app/0.log",
            "payments",
            Some("payments-7c5d9b6f48-q8zvn"),
            None,
        );
        let id = "0123456789abcdef".repeat(4);
        let path = format!("/var/log/containers/redis-0_shop_redis-{id}.log");
        check(&path, "redis", Some("redis-0"), None);
    }

    #[test]
    fn dates_rotation_and_words_of_output_are_no_part_of_a_service() {
        check("orders.log", "orders", None, None);
        check("orders-2026-11-21.log.3.gz", "orders", None, None);
        check("orders.20261121T0930.json.zst", "orders", None, None);
        check("inventory-1.log", "inventory", None, None);
        check("nginx_access.log", "nginx", None, None);
        check("payments-stderr.log", "payments", None, None);
        check("shop@web01.log", "shop", None, None);
    }

    #[test]
    fn a_name_that_says_nothing_gives_way_to_the_folder() {
        check("payments/logs/app.log", "payments", None, None);
        check("/srv/payments/2026-11-21/error.log", "payments", None, None);
        check("/home/anna/app.log", "unknown:app", None, None);
        check("/tmp/app.log", "unknown:app", None, None);
        check("-", "unknown:stdin", None, None);
        let id = "0123456789abcdef".repeat(4);
        let path = format!("/var/lib/docker/containers/{id}/{id}-json.log");
        check(&path, "unknown:0123456789ab", None, None);
    }

    #[test]
    fn any_path_has_a_writer() {
        for path in ["", "/", "!/", "___.log", "....", "a!/b!/", "-.-"] {
            assert!(!writer(path).service.is_empty(), "path: {path}");
        }
    }
}
