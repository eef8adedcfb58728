//! The table of names, row by row: each spelling under which logs have an attribute.

use super::Subject::{self, Any, Database, Http, Messaging, Rpc};
use super::{Attributes, of};
use crate::model::field::Field;

/// An attribute, what a record must speak of, a value as `written` or `written -> read`, and the
/// spellings.
type Row = (&'static str, Subject, &'static str, &'static str);

const ROWS: &[Row] = &[
    // HTTP
    (
        "http.request.method",
        Http,
        "POST",
        "http.method method verb httpMethod requestMethod RequestMethod request_method cs-method req.method",
    ),
    (
        "http.response.status_code",
        Http,
        "503",
        "http.status_code http.status status status_code statusCode StatusCode sc-status res.statusCode \
         response.status responseCode response_code resultCode DownstreamStatus elb_status_code httpStatus code",
    ),
    ("http.route", Http, "/orders/{id}", "route routeKey resourcePath RoutePattern"),
    (
        "http.request.resend_count",
        Http,
        "2",
        "attempt Attempt retry retryCount retries RetryAttempts",
    ),
    (
        "http.response.body.size",
        Http,
        "512",
        "bytes bytes_sent body_bytes_sent size sc-bytes contentLength content_length \
         http.response_content_length DownstreamContentSize",
    ),
    (
        "url.path",
        Http,
        "/orders/1",
        "path http.target uri url requestPath RequestPath cs-uri-stem :path request_uri endpoint",
    ),
    ("url.query", Http, "page=2", "query query_string queryString cs-uri-query"),
    ("url.full", Http, "http://pay/x", "http.url url requestUrl request_url href"),
    ("url.scheme", Http, "https", "http.scheme scheme protocol x-forwarded-proto"),
    (
        "server.address",
        Http,
        "pay",
        "http.host authority :authority http.server_name net.peer.name net.host.name RequestHost \
         req.headers.host",
    ),
    ("server.port", Http, "pay:8080 -> 8080", "http.host authority RequestHost net.host.name"),
    ("server.port", Http, "http://pay:8080/x -> 8080", "url href"),
    (
        "client.address",
        Http,
        "10.0.0.9",
        "http.client_ip client_ip remote_addr remoteAddress ip ClientHost c-ip x-forwarded-for remoteIp fwd clientIp",
    ),
    (
        "user_agent.original",
        Http,
        "curl/8",
        "http.user_agent user_agent userAgent ua cs(User-Agent)",
    ),
    ("network.protocol.name", Http, "HTTP/1.1 -> http", "protocol proto RequestProtocol"),
    (
        "network.protocol.version",
        Http,
        "HTTP/1.1 -> 1.1",
        "http.flavor protocol proto RequestProtocol",
    ),
    ("network.protocol.version", Http, "2", "http.flavor"),
    (
        "network.peer.address",
        Http,
        "10.0.0.9:443 -> 10.0.0.9",
        "net.sock.peer.addr net.peer.ip upstream_addr upstream_host peer.address ServiceAddr target:port",
    ),
    ("network.peer.port", Http, "10.0.0.9:443 -> 443", "upstream_addr ServiceAddr target:port"),
    // RPC
    ("rpc.system.name", Any, "grpc", "rpc.system"),
    ("rpc.status_code", Rpc, "NOT_FOUND", "grpc.code code grpc_status grpc-status"),
    // Databases
    ("db.system.name", Any, "postgresql", "db.system db.type dbms"),
    (
        "db.namespace",
        Database,
        "shop",
        "db.name database dbname db schema catalog db.redis.database_index",
    ),
    (
        "db.collection.name",
        Database,
        "orders",
        "db.sql.table table db.mongodb.collection db.cassandra.table collection index",
    ),
    ("db.operation.name", Database, "SELECT", "db.operation operation command"),
    ("db.query.text", Database, "SELECT 1", "db.statement statement sql query commandText"),
    ("db.response.status_code", Database, "23505", "SQLSTATE sqlstate state_code"),
    ("db.response.returned_rows", Database, "3", "rows rowcount nreturned db.row_count"),
    // Messaging
    (
        "messaging.destination.name",
        Messaging,
        "orders",
        "topic queue queueName destination exchange stream subject channel messaging.destination",
    ),
    (
        "messaging.destination.partition.id",
        Messaging,
        "7",
        "partition messaging.kafka.partition shard",
    ),
    ("messaging.kafka.offset", Messaging, "42", "offset messaging.kafka.message.offset"),
    ("messaging.kafka.message.key", Messaging, "ORD-1", "key messageKey"),
    (
        "messaging.message.id",
        Messaging,
        "m-1",
        "message_id messageId MessageId msg_id JMSMessageID ce-id Nats-Msg-Id jid event_id job_id",
    ),
    (
        "messaging.message.conversation_id",
        Messaging,
        "c-1",
        "correlationId JMSCorrelationID ConversationId",
    ),
    (
        "messaging.consumer.group.name",
        Messaging,
        "billing",
        "group groupId consumerGroup messaging.kafka.consumer.group messaging.eventhubs.consumer.group",
    ),
    ("messaging.client.id", Messaging, "c-7", "clientId client.id messaging.client_id"),
    ("messaging.operation.type", Messaging, "process", "messaging.operation"),
    ("messaging.batch.message_count", Messaging, "3", "batchSize count records"),
    (
        "messaging.rabbitmq.destination.routing_key",
        Messaging,
        "orders.new",
        "routingKey routing_key",
    ),
    // Service, host, process
    ("service.version", Any, "3.1", "dd.version dd_version app_version"),
    (
        "service.peer.name",
        Any,
        "stock",
        "peer.service remoteEndpoint.serviceName span.peer peerService destination_service",
    ),
    ("service.peer.name", Rpc, "stock", "callee"),
    ("service.namespace", Any, "shop", "resource.opentelemetry.io/service.namespace"),
    (
        "deployment.environment.name",
        Any,
        "prod",
        "deployment.environment env environment dd.env ASPNETCORE_ENVIRONMENT",
    ),
    (
        "k8s.namespace.name",
        Any,
        "shop",
        "kubernetes.namespace_name kubernetes.namespace pod_namespace namespace_name",
    ),
    ("k8s.pod.name", Any, "pay-0", "kubernetes.pod_name kubernetes.pod.name pod_name POD_NAME"),
    ("k8s.pod.uid", Any, "u-1", "pod_id kubernetes.pod_id"),
    ("k8s.container.name", Any, "app", "kubernetes.container_name kubernetes.container.name"),
    ("k8s.node.name", Any, "n1", "kubernetes.host node_name spec.nodeName"),
    ("k8s.cluster.name", Any, "eu", "cluster_name"),
    ("k8s.deployment.name", Any, "pay", "kubernetes.deployment.name"),
    ("container.id", Any, "c0ffee", "docker.container_id container_id"),
    ("container.name", Any, "pay", "container_name CONTAINER_NAME"),
    ("container.image.name", Any, "pay:3", "container_image"),
    ("process.pid", Any, "71", "pid process_id ProcessId processId PID procid"),
    ("thread.name", Any, "main", "thread threadName thread_name process.thread.name"),
    ("thread.id", Any, "71", "ThreadId tid thread goroutine"),
    ("faas.name", Any, "checkout", "function_name"),
    ("faas.invocation_id", Any, "4f0c", "function_request_id InvocationId"),
    ("faas.coldstart", Any, "true", "cold_start"),
    // Code and users
    ("code.file.path", Any, "a.go", "source.file code.filepath pathname file filename src"),
    ("code.file.path", Any, "pay/a.go:88 -> pay/a.go", "caller file"),
    ("code.line.number", Any, "88", "lineno line_number code.lineno"),
    ("code.line.number", Any, "pay/a.go:88 -> 88", "caller"),
    ("code.function.name", Any, "charge", "func funcName code.function"),
    ("user.id", Any, "u-42", "userId user_id enduser.id usr.id"),
    ("session.id", Any, "s-1", "sessionId session_id"),
    ("graphql.operation.name", Any, "Orders", "operationName"),
    ("otel.scope.name", Any, "shop", "otel.library.name"),
    // Exceptions; what a decoder knows for one has these names already.
    (
        "exception.type",
        Any,
        "E",
        "exception.class exc_type exceptionType error.class exception_class",
    ),
    ("exception.message", Any, "no", "exc_value exceptionMessage errorMessage exception_message"),
];

/// Spellings that the conventions' page lists and that are no attribute here, and why.
const EXCEPTIONS: &[(&str, Subject, &str, &str)] = &[
    ("host", Http, "n1", "in most logs it is the machine that wrote the line"),
    ("ServiceName", Http, "pay", "it is the writer's own name as well; Traefik's has a definition"),
    ("target", Any, "pay::api", "Rust calls a logger so, and a request its path"),
    ("container", Any, "x", "a word for many things; runtimes say container_name"),
    ("image", Any, "a.png", "a picture as often as what a container runs"),
    ("namespace", Any, "Shop", "of code as often as of Kubernetes"),
    ("cluster", Any, "eu", "of databases and brokers as often as of Kubernetes"),
    ("team", Any, "pay", "who is on duty, not what a service belongs to"),
    ("instance", Any, "i-1", "the record's own instance, where it is one"),
    ("build", Any, "77", "a number of the build server as often as a version"),
    ("version", Any, "3", "of a protocol, a file or an object as often as of the service"),
    ("stage", Any, "2", "a step of a job as often as an environment"),
    ("region", Any, "eu", "a region of customers as often as of a cloud"),
    ("account", Any, "ACC-1", "a customer's, not the cloud's"),
    ("RequestId", Any, "4f0c", "only Lambda's is an invocation; others are requests"),
    ("line", Any, "88", "of any text that is read, not of code alone"),
    ("method", Any, "charge", "of HTTP, unless a logger says it"),
    ("uid", Any, "1000", "the user of an operating system"),
    ("sub", Any, "u-42", "a part of a name as often as a token's subject"),
    ("principal", Any, "u-42", "the party of a contract or the sum of a loan as well"),
    ("sid", Any, "AC1", "a system's or security id as often as a session's"),
    ("class", Any, "E", "of goods and seats as often as of exceptions"),
    ("error", Any, "declined", "what failed, which is not always an exception"),
    ("cause", Any, "declined", "what failed, which is not always an exception"),
    ("operation", Any, "add", "of databases or GraphQL only where the record speaks of them"),
    ("data", Any, "SELECT 1", "anything; App Insights has a definition"),
];

#[test]
fn spellings_that_mean_other_things_as_often_stay_what_they_are() {
    for (spelling, subject, value, why) in EXCEPTIONS {
        let fields = [Field::text(*spelling, *value)];
        let mut attributes = Attributes::default();
        attributes.take(of(spelling), &fields[0].value);
        assert_eq!(attributes.settle(&[*subject], &fields, Vec::new()), [], "{spelling}: {why}");
    }
}

#[test]
fn each_spelling_of_the_conventions_is_found_under_its_name() {
    let mut missing = Vec::new();
    for (target, subject, value, spellings) in ROWS {
        let (written, read) = value.split_once(" -> ").unwrap_or((value, value));
        for spelling in spellings.split_whitespace() {
            let fields = [Field::text(spelling, written)];
            let mut attributes = Attributes::default();
            attributes.take(of(spelling), &fields[0].value);
            let found = attributes.settle(&[*subject], &fields, Vec::new());
            let named = found.iter().find(|field| field.name == *target);
            if named.is_none_or(|field| field.value.to_string() != read) {
                missing.push(format!("{spelling} is no {target}"));
            }
        }
    }
    assert!(missing.is_empty(), "{} names: {}", missing.len(), missing.join(", "));
}
