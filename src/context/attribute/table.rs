//! Attributes by OpenTelemetry's names, and the names that logs have for them.

use crate::context::attribute::{Form, Rule, Subject};

const fn rule(
    target: &'static str,
    subject: Subject,
    form: Form,
    names: &'static [&'static str],
    words: &'static [&'static str],
) -> Rule {
    Rule { target, subject, form, names, words }
}

/// A rule whose names all are unmistakable.
const fn plain(target: &'static str, names: &'static [&'static str]) -> Rule {
    rule(target, Subject::Any, AsIs, names, &[])
}

use Form::{
    Address, AsIs, First, Host, Method, Name, Number, Path, Port, Protocol, Query, Scheme,
    SourceFile, SourceLine, Version,
};
use Subject::{Database, Http, Messaging, Rpc};

/// Names of the `Host` header and of the host that a client calls.
const HOST_NAMES: &[&str] = &[
    "http.host",
    "http_host",
    "headers.host",
    "req.headers.host",
    "request.headers.host",
    "http.server_name",
    "net.peer.name",
    "net.host.name",
    "RequestHost",
];

/// Names of the address at the other end of a connection.
const PEER_ADDRESSES: &[&str] = &[
    "net.sock.peer.addr",
    "net.peer.ip",
    "upstream_addr",
    "upstream_host",
    "peer.address",
    "ServiceAddr",
    "target:port",
];

/// Unmistakable names hold in every record; those in the last list only where the record
/// speaks of the subject. A rule with a subject has its unmistakable names in one of its own.
pub(super) static TABLE: &[Rule] = &[
    // HTTP
    rule(
        "http.request.method",
        Subject::Any,
        Method,
        &[
            "http.method",
            "httpMethod",
            "requestMethod",
            "request_method",
            "cs-method",
            "req.method",
            "request.method",
            "httpRequest.requestMethod",
        ],
        &[],
    ),
    rule(
        "http.request.method",
        Http,
        Method,
        &[],
        &["method", "verb", "request", "requestLine", "req"],
    ),
    rule(
        "http.response.status_code",
        Subject::Any,
        Number,
        &[
            "http.status_code",
            "http.status",
            "httpStatus",
            "httpStatusCode",
            "sc-status",
            "res.statusCode",
            "res.status",
            "response.status",
            "response_code",
            "responseCode",
            "DownstreamStatus",
            "elb_status_code",
            "httpRequest.status",
        ],
        &[],
    ),
    rule(
        "http.response.status_code",
        Http,
        Number,
        &[],
        &["status", "status_code", "statusCode", "resultCode", "code"],
    ),
    plain("http.route", &["routeKey", "RoutePattern"]),
    rule("http.route", Http, AsIs, &[], &["route", "resourcePath", "handler"]),
    rule(
        "http.request.resend_count",
        Http,
        Number,
        &["http.resend_count"],
        &["attempt", "retry", "retryCount", "retries", "RetryAttempts"],
    ),
    rule(
        "http.response.body.size",
        Http,
        Number,
        &[
            "body_bytes_sent",
            "bytes_sent",
            "sc-bytes",
            "http.response_content_length",
            "DownstreamContentSize",
        ],
        &["bytes", "size", "contentLength"],
    ),
    rule(
        "http.request.body.size",
        Http,
        Number,
        &["http.request_content_length", "request_length"],
        &[],
    ),
    rule(
        "url.path",
        Subject::Any,
        Path,
        &[
            "http.target",
            "requestPath",
            "request_path",
            "cs-uri-stem",
            "request_uri",
            "requestUri",
            "req.url",
            "req.path",
            "request.uri",
            "request.path",
            "request.url",
            ":path",
        ],
        &[],
    ),
    rule(
        "url.path",
        Http,
        Path,
        &[],
        &["path", "uri", "url", "endpoint", "request", "requestLine", "req"],
    ),
    plain("url.query", &["query_string", "queryString", "cs-uri-query"]),
    rule("url.query", Http, Query, &[], &["query"]),
    plain("url.full", &["http.url", "requestUrl", "request_url", "httpRequest.requestUrl"]),
    rule("url.full", Http, Address, &[], &["url", "href"]),
    rule("url.scheme", Subject::Any, Scheme, &["http.scheme", "x-forwarded-proto"], &[]),
    rule("url.scheme", Http, Scheme, &[], &["scheme", "protocol"]),
    rule("server.address", Subject::Any, Host, HOST_NAMES, &[]),
    rule("server.address", Http, Host, &[], &["authority", "url", "href"]),
    plain("server.port", &["net.peer.port", "net.host.port"]),
    rule("server.port", Subject::Any, Port, HOST_NAMES, &[]),
    rule("server.port", Http, Port, &[], &["authority", "url", "href"]),
    rule(
        "client.address",
        Subject::Any,
        First,
        &[
            "http.client_ip",
            "client_ip",
            "clientIp",
            "remote_addr",
            "remoteAddr",
            "remoteAddress",
            "remote_ip",
            "remoteIp",
            "ClientHost",
            "c-ip",
            "x-forwarded-for",
            "fwd",
            "httpRequest.remoteIp",
        ],
        &[],
    ),
    rule("client.address", Http, First, &[], &["ip", "client", "remote"]),
    plain(
        "user_agent.original",
        &["http.user_agent", "user_agent", "userAgent", "cs(User-Agent)", "httpRequest.userAgent"],
    ),
    rule("user_agent.original", Http, AsIs, &[], &["ua", "agent"]),
    rule("network.protocol.name", Subject::Any, Protocol, &["RequestProtocol"], &[]),
    rule("network.protocol.name", Http, Protocol, &[], &["protocol", "proto"]),
    rule(
        "network.protocol.version",
        Subject::Any,
        Version,
        &["http.flavor", "http.version", "RequestProtocol"],
        &[],
    ),
    rule("network.protocol.version", Http, Version, &[], &["protocol", "proto"]),
    rule("network.peer.address", Subject::Any, Host, PEER_ADDRESSES, &[]),
    rule("network.peer.port", Subject::Any, Port, PEER_ADDRESSES, &[]),
    // RPC
    plain("rpc.system.name", &["rpc.system"]),
    rule("rpc.system.name", Rpc, AsIs, &[], &["system"]),
    plain("rpc.method", &["fullMethod", "full_method", "grpc.method"]),
    plain(
        "rpc.status_code",
        &[
            "grpc.code",
            "grpc_code",
            "rpc.grpc.status_code",
            "grpc_status",
            "grpc-status",
            "rpc.response.status_code",
            "rpc.jsonrpc.error_code",
        ],
    ),
    rule("rpc.status_code", Rpc, AsIs, &[], &["code"]),
    // Database
    plain("db.system.name", &["db.system", "db.type", "dbms"]),
    plain("db.namespace", &["db.name", "dbname", "db.redis.database_index"]),
    rule("db.namespace", Database, AsIs, &[], &["database", "db", "schema", "catalog"]),
    plain("db.collection.name", &["db.sql.table", "db.mongodb.collection", "db.cassandra.table"]),
    rule("db.collection.name", Database, Name, &[], &["table", "collection", "index"]),
    plain("db.operation.name", &["db.operation"]),
    rule("db.operation.name", Database, AsIs, &[], &["operation", "command"]),
    plain("db.query.text", &["db.statement", "commandText", "sql"]),
    rule("db.query.text", Database, AsIs, &[], &["statement", "query"]),
    plain("db.response.status_code", &["SQLSTATE", "sql_state", "state_code"]),
    plain("db.response.returned_rows", &["db.row_count"]),
    rule("db.response.returned_rows", Database, Number, &[], &["rows", "rowcount", "nreturned"]),
    // Messaging
    plain("messaging.system", &[]),
    plain(
        "messaging.destination.name",
        &["messaging.destination", "queueName", "queue_name", "topicName", "topic_name"],
    ),
    rule(
        "messaging.destination.name",
        Messaging,
        Name,
        &[],
        &["topic", "queue", "destination", "exchange", "stream", "subject", "channel"],
    ),
    plain("messaging.destination.partition.id", &["messaging.kafka.partition"]),
    rule("messaging.destination.partition.id", Messaging, AsIs, &[], &["partition", "shard"]),
    plain("messaging.kafka.offset", &["messaging.kafka.message.offset"]),
    rule("messaging.kafka.offset", Messaging, AsIs, &[], &["offset"]),
    rule("messaging.kafka.message.key", Messaging, AsIs, &["messageKey"], &["key"]),
    plain(
        "messaging.message.id",
        &["message_id", "messageId", "msg_id", "JMSMessageID", "Nats-Msg-Id", "ce-id", "jid"],
    ),
    rule("messaging.message.id", Messaging, AsIs, &[], &["event_id", "job_id"]),
    plain(
        "messaging.message.conversation_id",
        &["JMSCorrelationID", "ConversationId", "conversation_id"],
    ),
    rule("messaging.message.conversation_id", Messaging, AsIs, &[], &["correlationId"]),
    plain(
        "messaging.consumer.group.name",
        &[
            "consumerGroup",
            "consumer_group",
            "messaging.kafka.consumer.group",
            "messaging.eventhubs.consumer.group",
        ],
    ),
    rule("messaging.consumer.group.name", Messaging, AsIs, &[], &["group", "groupId"]),
    plain("messaging.client.id", &["messaging.client_id"]),
    rule("messaging.client.id", Messaging, AsIs, &[], &["clientId"]),
    plain("messaging.operation.type", &["messaging.operation"]),
    rule(
        "messaging.batch.message_count",
        Messaging,
        Number,
        &[],
        &["batchSize", "batch_size", "count", "records"],
    ),
    plain("messaging.rabbitmq.destination.routing_key", &["routingKey", "routing_key"]),
    // Exceptions
    plain(
        "exception.type",
        &["exception.class", "exc_type", "exceptionType", "exception_class", "error.class"],
    ),
    plain(
        "exception.message",
        &["exc_value", "exceptionMessage", "errorMessage", "exception_message"],
    ),
    // Service and peer
    plain(
        "service.namespace",
        &["service_namespace", "resource.opentelemetry.io/service.namespace"],
    ),
    plain("service.version", &["dd.version", "dd_version", "app_version", "appVersion"]),
    plain(
        "service.peer.name",
        &[
            "peer.service",
            "remoteEndpoint.serviceName",
            "peerService",
            "destination_service",
            "span.peer",
        ],
    ),
    rule("service.peer.name", Http, AsIs, &[], &["callee"]),
    rule("service.peer.name", Rpc, AsIs, &[], &["callee"]),
    plain(
        "deployment.environment.name",
        &[
            "deployment.environment",
            "dd.env",
            "dd_env",
            "ASPNETCORE_ENVIRONMENT",
            "environment",
            "env",
        ],
    ),
    // Kubernetes, container, host, process
    plain(
        "k8s.namespace.name",
        &[
            "kubernetes.namespace_name",
            "kubernetes.namespace",
            "pod_namespace",
            "namespace_name",
            "resource.labels.namespace_name",
        ],
    ),
    plain(
        "k8s.pod.name",
        &[
            "kubernetes.pod_name",
            "kubernetes.pod.name",
            "pod_name",
            "podName",
            "resource.labels.pod_name",
        ],
    ),
    plain("k8s.pod.uid", &["kubernetes.pod_id", "kubernetes.pod.uid", "pod_id"]),
    plain(
        "k8s.container.name",
        &[
            "kubernetes.container_name",
            "kubernetes.container.name",
            "resource.labels.container_name",
        ],
    ),
    plain("k8s.node.name", &["kubernetes.host", "node_name", "spec.nodeName"]),
    plain("k8s.cluster.name", &["cluster_name", "clusterName"]),
    plain("k8s.deployment.name", &["kubernetes.deployment.name"]),
    plain("container.id", &["docker.container_id", "container_id", "containerId"]),
    plain("container.name", &["CONTAINER_NAME"]),
    plain("container.image.name", &["container_image"]),
    plain("process.pid", &["pid", "process_id", "processId", "procid", "_PID"]),
    rule("thread.name", Subject::Any, Name, &["thread", "threadName", "process.thread.name"], &[]),
    rule(
        "thread.id",
        Subject::Any,
        Number,
        &["threadId", "process.thread.id", "goroutine", "thread", "tid"],
        &[],
    ),
    plain("faas.name", &["function_name", "functionName"]),
    plain(
        "faas.invocation_id",
        &[
            "function_request_id",
            "functionRequestId",
            "InvocationId",
            "awsRequestId",
            "aws_request_id",
            "lambda_request_id",
        ],
    ),
    plain("faas.coldstart", &["cold_start", "coldStart"]),
    plain("cloud.account.id", &["accountId"]),
    // Code, user and others
    plain("code.file.path", &["code.filepath", "pathname", "source.file"]),
    rule("code.file.path", Subject::Any, SourceFile, &["caller", "file", "filename", "src"], &[]),
    plain("code.line.number", &["code.lineno", "lineno", "line_number", "source.line"]),
    rule("code.line.number", Subject::Any, SourceLine, &["caller", "file", "src"], &[]),
    plain("code.function.name", &["func", "funcName", "source.function", "code.function"]),
    plain("user.id", &["userId", "user_id", "enduser.id", "usr.id"]),
    plain("session.id", &["sessionId", "session_id"]),
    plain("graphql.operation.name", &["operationName"]),
    plain("otel.scope.name", &["otel.library.name"]),
    plain("log.iostream", &[]),
];
