//! Which service wrote a record, which instance of it, and on which host.
//!
//! What the record states wins, then what its envelope knows of pod and container, then the
//! stream's path. Names that everyone gives are passed over.

use crate::context::stream_path::Writer;
use crate::context::workload;
use crate::model::record::Record;

/// A longer name is a sentence.
const NAME_BYTES_MAX: usize = 128;

/// What a field says of the writer; lower ranks are believed first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The service's name, by how sure the field's name is.
    Service(u8),
    /// The pod, container or process.
    Pod,
    /// The machine.
    Host,
}

/// Containers of fields, no part of a name.
const CONTAINERS: [&str; 16] = [
    "resource",
    "attributes",
    "fields",
    "mdc",
    "contextmap",
    "extra",
    "labels",
    "properties",
    "customdimensions",
    "record",
    "jsonpayload",
    "context",
    "kubernetes",
    "tags",
    "meta",
    "metadata",
];

/// What a field of this name says of the writer, if anything.
pub(super) fn part(name: &str) -> Option<Part> {
    if name.ends_with("app.kubernetes.io/name") || name.ends_with("com.docker.compose.service") {
        return Some(Part::Service(2));
    }
    let mut plain = String::with_capacity(name.len());
    for section in name.split('.') {
        let section: String = section
            .chars()
            .filter(|character| !matches!(character, '_' | '-' | ' '))
            .map(|character| character.to_ascii_lowercase())
            .collect();
        if !CONTAINERS.contains(&section.as_str()) {
            plain.push_str(&section);
        }
    }
    Some(match plain.as_str() {
        "servicename"
        | "otelservicename"
        | "ddservice"
        | "entityname"
        | "cloudrolename"
        | "approlename"
        | "aicloudrole"
        | "servicecontextservice"
        | "localendpointservicename" => Part::Service(0),
        "service"
        | "appid"
        | "app"
        | "appname"
        | "application"
        | "applicationname"
        | "springapplicationname"
        | "microservice"
        | "svc"
        | "componentname"
        | "faasname" => Part::Service(1),
        "k8sdeploymentname" | "k8sstatefulsetname" | "k8sdaemonsetname" | "k8scronjobname"
        | "k8sapp" | "deploymentname" => Part::Service(2),
        "k8spodname" | "podname" => Part::Pod,
        "k8scontainername" | "containername" => Part::Service(4),
        "k8snodename" | "nodename" | "hostname" => Part::Host,
        _ => return None,
    })
}

/// What a record's fields say of its writer. Borrows from the record.
#[derive(Debug, Default)]
pub(super) struct Claims<'a> {
    service: Option<(u8, &'a str)>,
    pod: Option<&'a str>,
    host: Option<&'a str>,
}

/// Who wrote a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) service: String,
    pub(super) instance: Option<String>,
    pub(super) host: Option<String>,
}

impl<'a> Claims<'a> {
    /// Takes in a field that says something of the writer.
    pub(super) fn take(&mut self, part: Part, value: &'a str) {
        match part {
            Part::Service(rank) => {
                if is_name(value) && self.service.is_none_or(|(known, _)| rank < known) {
                    self.service = Some((rank, value.trim()));
                }
            }
            Part::Pod => self.pod = self.pod.or(present(value)),
            Part::Host => self.host = self.host.or(present(value)),
        }
    }

    /// Weighs the claims of the record, its envelope and its stream's path.
    pub(super) fn settle(&self, record: &Record, writer: &Writer) -> Origin {
        let host_name = record.host.as_deref().and_then(present).or(self.host);
        let host_pod = host_name.filter(|host| workload::of_certain_pod(host).is_some());
        let pod = record.instance.as_deref().and_then(present).or(self.pod).or(host_pod);
        let stated = record.service.as_deref().map(str::trim).filter(|name| is_name(name));
        let of_fields = |ranks: std::ops::RangeInclusive<u8>| {
            self.service.filter(|(rank, _)| ranks.contains(rank)).map(|(_, name)| name)
        };
        let service = stated
            .or_else(|| of_fields(0..=2))
            .map(workload::of_name)
            .or_else(|| self.pod.or(host_pod).map(workload::of_pod))
            .or_else(|| of_fields(3..=u8::MAX))
            .or_else(|| pod.and_then(workload::of_certain_pod))
            .unwrap_or(&writer.service);
        Origin {
            service: service.to_owned(),
            instance: pod.map(str::to_owned).or_else(|| writer.instance.clone()),
            host: host_name.map(str::to_owned).or_else(|| writer.host.clone()),
        }
    }
}

fn present(value: &str) -> Option<&str> {
    let value = value.trim();
    let is_void = value.is_empty() || value == "-" || value.len() > NAME_BYTES_MAX;
    (!is_void).then_some(value)
}

/// Whether a value names a service: not a name that everyone gives, no number, measure or address.
fn is_name(value: &str) -> bool {
    const GENERIC: [&str; 13] = [
        "root",
        "app",
        "default",
        "my-service",
        "main",
        "server",
        "null",
        "none",
        "unknown",
        "service",
        "localhost",
        "container",
        "undefined",
    ];
    let Some(value) = present(value) else { return false };
    let lower = value.to_ascii_lowercase();
    value.starts_with(|first: char| first.is_alphabetic() || first == '_')
        && !GENERIC.contains(&lower.as_str())
        && !lower.starts_with("unknown_service")
        && !is_code_path(value)
        && value.parse::<std::net::IpAddr>().is_err()
}

/// `com.shop.Orders`, `shop::orders`: the place of a logger, not a service.
fn is_code_path(value: &str) -> bool {
    let is_class = |part: &str| part.starts_with(|first: char| first.is_ascii_uppercase());
    value.contains("::")
        || (value.matches('.').count() >= 2 && value.rsplit('.').next().is_some_and(is_class))
}
