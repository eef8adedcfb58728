//! The definitions that are part of the program. To add one is to add its name here.

use std::path::Path;
use std::sync::Arc;

use crate::decode::definition::{Definition, Origin};
use crate::decode::error::DefinitionError;
use crate::decode::loader;
use crate::decode::shape::Shape;

/// A definition's path in the repository, and its text.
type File = (&'static str, &'static str);

macro_rules! embedded {
    ($name:literal) => {
        (
            concat!("parsers/", $name, ".toml"),
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/parsers/", $name, ".toml")),
        )
    };
}

/// The one that the others fall back to for the meaning of keys.
const GENERAL: File = embedded!("json");

const OTHERS: [File; 122] = [
    embedded!("access-alb"),
    embedded!("access-combined"),
    embedded!("access-json"),
    embedded!("access-ltsv"),
    embedded!("access-w3c"),
    embedded!("apache-error"),
    embedded!("app-insights"),
    embedded!("auditd"),
    embedded!("aws-logs-tail"),
    embedded!("azure-monitor"),
    embedded!("azure-monitor-entry"),
    embedded!("caddy"),
    embedded!("cef"),
    embedded!("celery"),
    embedded!("clef"),
    embedded!("cloudwatch"),
    embedded!("cloudwatch-entry"),
    embedded!("cloudwatch-event"),
    embedded!("cloudwatch-events"),
    embedded!("compose"),
    embedded!("cri"),
    embedded!("csv"),
    embedded!("dapr-api"),
    embedded!("datadog"),
    embedded!("django-access"),
    embedded!("docker-json"),
    embedded!("dotnet-console"),
    embedded!("dotnet-json"),
    embedded!("elastic-apm"),
    embedded!("elasticsearch"),
    embedded!("elasticsearch-hit"),
    embedded!("elixir"),
    embedded!("env-logger"),
    embedded!("envoy-access"),
    embedded!("envoy-json"),
    embedded!("erlang"),
    embedded!("filebeat"),
    embedded!("fluent"),
    embedded!("gcp-entry"),
    embedded!("gcp-text"),
    embedded!("gelf"),
    embedded!("gin"),
    embedded!("go-std"),
    embedded!("gunicorn"),
    embedded!("haproxy"),
    embedded!("hclog"),
    embedded!("heroku"),
    embedded!("heroku-router"),
    embedded!("honeycomb"),
    embedded!("jaeger"),
    embedded!("jaeger-trace"),
    embedded!("jaeger-traces"),
    embedded!("i2pd"),
    embedded!("java-util-logging"),
    embedded!("jboss"),
    embedded!("journald"),
    embedded!("json-severity-name"),
    embedded!("kafka"),
    embedded!("klog"),
    embedded!("kong-access"),
    embedded!("kubectl"),
    embedded!("lambda"),
    embedded!("log4j"),
    embedded!("log4js"),
    embedded!("log4rs"),
    embedded!("logback-ids"),
    embedded!("logback-json"),
    embedded!("logfmt"),
    embedded!("loguru"),
    embedded!("loguru-json"),
    embedded!("loki"),
    embedded!("mariadb"),
    embedded!("mongodb"),
    embedded!("monolog"),
    embedded!("mysql"),
    embedded!("mysql-slow"),
    embedded!("nestjs"),
    embedded!("nginx-error"),
    embedded!("nlog"),
    embedded!("npm"),
    embedded!("otel-debug-span"),
    embedded!("otel-dotnet-span"),
    embedded!("otel-go-span"),
    embedded!("otel-javaagent"),
    embedded!("otel-js-span"),
    embedded!("otel-python-span"),
    embedded!("otlp-log"),
    embedded!("otlp-logs"),
    embedded!("otlp-old-spans"),
    embedded!("otlp-scope-spans"),
    embedded!("otlp-span"),
    embedded!("otlp-spans"),
    embedded!("php-error"),
    embedded!("pino"),
    embedded!("postgresql"),
    embedded!("postgresql-csv"),
    embedded!("prefix"),
    embedded!("python-logging"),
    embedded!("rabbitmq"),
    embedded!("redis"),
    embedded!("ruby-logger"),
    embedded!("rust-tracing"),
    embedded!("serilog"),
    embedded!("signale"),
    embedded!("skywalking"),
    embedded!("spdlog"),
    embedded!("splunk"),
    embedded!("splunk-export"),
    embedded!("spring-boot"),
    embedded!("squid-access"),
    embedded!("stern"),
    embedded!("stunnel"),
    embedded!("syslog-3164"),
    embedded!("syslog-5424"),
    embedded!("timestamped"),
    embedded!("tomcat"),
    embedded!("traefik"),
    embedded!("uvicorn"),
    embedded!("vector"),
    embedded!("xray"),
    embedded!("zap-console"),
    embedded!("zipkin"),
];

/// Reads all of them, without compiling a pattern.
pub(super) fn load() -> Result<Vec<Arc<Definition>>, DefinitionError> {
    let general = parse(GENERAL, None)?;
    let mut list = Vec::with_capacity(OTHERS.len() + 1);
    for file in OTHERS {
        list.push(Arc::new(parse(file, Some(&general))?));
    }
    list.push(Arc::new(general));
    Ok(list)
}

fn parse((path, text): File, general: Option<&Definition>) -> Result<Definition, DefinitionError> {
    let keys = general.and_then(|general| match &general.shape {
        Shape::Json(shape) => Some(&shape.keys),
        _ => None,
    });
    loader::parse(text, Path::new(path), Origin::Embedded, keys)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::definition::Definitions;
    use crate::decode::proof;

    #[test]
    fn every_embedded_definition_proves_itself() {
        let definitions = Definitions::embedded();
        let mut failures = Vec::new();
        for definition in load().unwrap_or_else(|error| panic!("{error}")) {
            if let Err(error) = proof::compile(&definition) {
                failures.push(error.to_string());
            }
            failures.extend(proof::run(&definition, &definitions).iter().map(ToString::to_string));
        }
        assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    }

    #[test]
    fn the_example_in_the_readme_proves_itself() {
        let readme = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/parsers/README.md"));
        let (_, after) = readme.split_once("```toml\n").unwrap();
        let (example, _) = after.split_once("```").unwrap();
        let path = Path::new("README.md");
        let definition = loader::parse(example, path, Origin::Embedded, None).unwrap();
        let definition = Arc::new(definition);
        let definitions = Definitions::embedded().with(&[Arc::clone(&definition)]);
        assert_eq!(proof::run(&definition, &definitions), []);
    }

    #[test]
    fn every_file_in_parsers_is_embedded_and_named_as_its_definition() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("parsers");
        let mut on_disk: Vec<String> = std::fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
            .collect();
        let mut embedded: Vec<String> =
            load().unwrap().iter().map(|definition| definition.name().to_owned()).collect();
        on_disk.sort();
        embedded.sort();
        assert_eq!(on_disk, embedded);
    }
}
