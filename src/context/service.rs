//! Which service wrote a record, which instance of it, and on which host.
//!
//! What the record states wins, then what its envelope knows of pod and container, then the
//! stream's path. Names that everyone gives are passed over.

use crate::context::stream_path::Writer;
use crate::context::workload;
use crate::model::record::Record;

/// A longer name is a sentence.
const NAME_BYTES_MAX: usize = 128;

/// The first rank of names that say less than a pod's.
const BEHIND_PODS: u8 = 6;

/// Containers that stand beside a service and log for themselves.
const SIDECARS: [&str; 11] = [
    "istio-proxy",
    "istio-init",
    "envoy",
    "linkerd-proxy",
    "daprd",
    "otel-collector",
    "fluent-bit",
    "fluentd",
    "vault-agent",
    "cloudsql-proxy",
    "consul-dataplane",
];

/// Whether a container of this name stands beside the service whose pod it shares.
pub(super) fn is_sidecar(container: &str) -> bool {
    SIDECARS.contains(&container)
}

/// What a field says of the writer; lower ranks are believed first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The service's name, by how sure the field's name is.
    Service(u8),
    /// The container, which a service shares with those that stand beside it.
    Container,
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
    // One release of a chart has one instance and many names: the name says more.
    const LABELS: [(&str, u8); 6] = [
        ("resource.opentelemetry.io/service.name", 0),
        ("app.kubernetes.io/name", 2),
        ("com.docker.compose.service", 2),
        ("com.docker.swarm.service.name", 2),
        ("labels.app", 4),
        ("app.kubernetes.io/instance", 5),
    ];
    if let Some((_, rank)) = LABELS.iter().find(|(label, _)| name.ends_with(label)) {
        return Some(Part::Service(*rank));
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
        | "k8sapp" | "deploymentname" | "statefulsetname" | "daemonsetname" | "cronjobname"
        | "ecstaskdefinition" => Part::Service(3),
        "k8spodname" | "podname" | "pod" => Part::Pod,
        "k8scontainername" | "containername" => Part::Container,
        // Some loggers call the place in the code so.
        "functionname" => Part::Service(BEHIND_PODS),
        "k8snodename" | "nodename" | "hostname" => Part::Host,
        _ => return None,
    })
}

/// What a record's fields say of its writer. Borrows from the record.
#[derive(Debug, Default)]
pub(super) struct Claims<'a> {
    service: Option<(u8, &'a str)>,
    container: Option<&'a str>,
    pod: Option<&'a str>,
    host: Option<&'a str>,
}

/// Who wrote a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) service: String,
    pub(super) instance: Option<String>,
    pub(super) host: Option<String>,
    /// The container beside the service that wrote it.
    pub(super) component: Option<String>,
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
            Part::Container => {
                let name = present(value).map(|name| name.trim_start_matches('/'));
                self.container = self.container.or(name);
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
        let stated = stated.filter(|name| !(pod.is_some() && is_sidecar(name)));
        let of_fields = |ranks: std::ops::RangeInclusive<u8>| {
            self.service.filter(|(rank, _)| ranks.contains(rank)).map(|(_, name)| name)
        };
        let sidecar = self.container.filter(|name| is_sidecar(name));
        let container = self.container.filter(|name| is_name(name) && sidecar.is_none());
        let service = stated
            .or_else(|| of_fields(0..=BEHIND_PODS - 1))
            .map(workload::of_name)
            .or_else(|| self.pod.or(host_pod).map(workload::of_pod))
            .or_else(|| pod.and_then(workload::of_certain_pod))
            .or(container)
            .or_else(|| of_fields(BEHIND_PODS..=u8::MAX))
            .unwrap_or(&writer.service);
        let component = sidecar.or(writer.component.as_deref());
        Origin {
            service: service.to_owned(),
            instance: pod.map(str::to_owned).or_else(|| writer.instance.clone()),
            host: host_name.map(str::to_owned).or_else(|| writer.host.clone()),
            component: component.map(str::to_owned),
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
