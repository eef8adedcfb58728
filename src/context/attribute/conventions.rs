//! The table of names, row by row: each spelling under which logs have an attribute.

use super::Subject::{self, Any, Database, Http, Messaging, Rpc};
use super::{Attributes, of};
use crate::model::field::Field;

/// An attribute, what a record must speak of, a value, and the spellings.
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
    ("url.query", Http, "page=2", "query_string queryString cs-uri-query"),
    ("url.full", Http, "http://pay/x", "http.url requestUrl request_url"),
    ("url.scheme", Http, "https", "http.scheme"),
    (
        "server.address",
        Http,
        "pay",
        "http.host authority :authority http.server_name net.host.name RequestHost",
    ),
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
    ("network.protocol.version", Http, "HTTP/1.1", "http.flavor"),
    (
        "network.peer.address",
        Http,
        "10.0.0.9",
        "net.sock.peer.addr net.peer.ip upstream_addr upstream_host peer.address",
    ),
    // RPC
    ("rpc.system.name", Any, "grpc", "rpc.system"),
    ("rpc.status_code", Rpc, "NOT_FOUND", "grpc.code code grpc_status grpc-status"),
    // Databases
    ("db.system.name", Any, "postgresql", "db.system db.type dbms"),
    ("db.namespace", Database, "shop", "db.name database dbname db schema"),
    (
        "db.collection.name",
        Database,
        "orders",
        "db.sql.table table db.mongodb.collection db.cassandra.table collection",
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
        "topic queue queueName destination exchange subject channel messaging.destination",
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
        "message_id messageId MessageId msg_id JMSMessageID ce-id Nats-Msg-Id jid",
    ),
    ("messaging.message.conversation_id", Messaging, "c-1", "JMSCorrelationID ConversationId"),
    (
        "messaging.consumer.group.name",
        Messaging,
        "billing",
        "group groupId consumerGroup messaging.kafka.consumer.group messaging.eventhubs.consumer.group",
    ),
    ("messaging.client.id", Messaging, "c-7", "messaging.client_id"),
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
    ("service.peer.name", Any, "stock", "peer.service remoteEndpoint.serviceName peerService"),
    (
        "deployment.environment.name",
        Any,
        "prod",
        "deployment.environment dd.env ASPNETCORE_ENVIRONMENT",
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
    ("container.id", Any, "c0ffee", "docker.container_id container_id"),
    ("process.pid", Any, "71", "pid process_id ProcessId processId PID procid"),
    ("faas.name", Any, "checkout", "function_name"),
    ("faas.coldstart", Any, "true", "cold_start"),
    // Code and users
    ("code.file.path", Any, "a.go", "source.file code.filepath pathname"),
    ("code.line.number", Any, "88", "lineno line_number code.lineno"),
    ("code.function.name", Any, "charge", "funcName"),
    ("user.id", Any, "u-42", "userId user_id enduser.id usr.id"),
    ("session.id", Any, "s-1", "sessionId session_id"),
];

#[test]
fn each_spelling_of_the_conventions_is_found_under_its_name() {
    let mut missing = Vec::new();
    for (target, subject, value, spellings) in ROWS {
        for spelling in spellings.split_whitespace() {
            let fields = [Field::text(spelling, *value)];
            let mut attributes = Attributes::default();
            attributes.take(of(spelling), &fields[0].value);
            let found = attributes.settle(&[*subject], &fields, Vec::new());
            let named = found.iter().find(|field| field.name == *target);
            if named.is_none_or(|field| field.value.to_string() != *value) {
                missing.push(format!("{spelling} is no {target}"));
            }
        }
    }
    assert!(missing.is_empty(), "{} names: {}", missing.len(), missing.join(", "));
}
