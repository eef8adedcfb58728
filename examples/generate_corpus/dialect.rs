//! Writes one log statement in the dialect of its service.

use crate::random::Random;
use crate::template::{Dialect, Facts, Level, Piece, Service, Slot, Template};
use crate::text::{self, Clock};

/// Which request and span a statement belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context {
    /// The trace id's two halves.
    pub(crate) trace: [u64; 2],
    /// The span.
    pub(crate) span: u64,
    /// The span's parent; none for a root.
    pub(crate) parent: Option<u64>,
}

/// One statement to be written.
#[derive(Debug)]
pub(crate) struct Statement<'a> {
    /// Who writes it.
    pub(crate) service: &'a Service,
    /// What it says.
    pub(crate) template: &'a Template,
    /// When, in microseconds since the epoch.
    pub(crate) micros: u64,
    /// Where it belongs; idle talk belongs nowhere.
    pub(crate) context: Option<Context>,
    /// What its request is about.
    pub(crate) facts: &'a Facts,
    /// What fills its slots: a random number of its own.
    pub(crate) line: u64,
    /// Whether a stack trace goes with it.
    pub(crate) failed: bool,
}

/// Writes statements.
#[derive(Debug)]
pub(crate) struct Writer {
    /// Where numbers come from.
    pub(crate) random: Random,
    clock: Clock,
}

impl Writer {
    /// A writer that draws from this.
    pub(crate) fn new(random: Random) -> Self {
        Self { random, clock: Clock::default() }
    }

    /// Appends a statement, its line ends included.
    pub(crate) fn write(&mut self, statement: &Statement<'_>, out: &mut Vec<u8>) {
        match statement.service.dialect {
            Dialect::Zap => self.zap(statement, out),
            Dialect::Pino => self.pino(statement, out),
            Dialect::Logback => self.logback(statement, out),
            Dialect::Text => self.text(statement, out),
        }
        out.push(b'\n');
    }

    fn zap(&mut self, statement: &Statement<'_>, out: &mut Vec<u8>) {
        put(out, "{\"level\":\"");
        put(out, lower(statement.template.level));
        put(out, "\",\"ts\":");
        text::number(out, statement.micros / 1_000_000);
        out.push(b'.');
        text::padded(out, statement.micros % 1_000_000, 6);
        put(out, ",\"caller\":\"");
        put(out, statement.service.name);
        put(out, "/server.go:");
        text::number(out, 40 + statement.template.pieces.len() as u64 * 7);
        put(out, "\",\"msg\":\"");
        message(statement, out);
        put(out, "\",\"service\":\"");
        put(out, statement.service.name);
        out.push(b'"');
        json_context(statement.context, ["trace_id", "span_id", "parent_span_id"], out);
        json_fields(statement, out);
        if statement.failed {
            put(out, ",\"stacktrace\":\"");
            self.stack(statement, "\\n", GO_FRAMES, out);
            out.push(b'"');
        }
        out.push(b'}');
    }

    fn pino(&mut self, statement: &Statement<'_>, out: &mut Vec<u8>) {
        put(out, "{\"level\":");
        text::number(out, pino_level(statement.template.level));
        put(out, ",\"time\":");
        text::number(out, statement.micros / 1000);
        put(out, ",\"pid\":1,\"hostname\":\"");
        put(out, statement.service.name);
        put(out, "-2\",\"name\":\"");
        put(out, statement.service.name);
        out.push(b'"');
        json_context(statement.context, ["trace_id", "span_id", ""], out);
        json_fields(statement, out);
        if statement.failed {
            put(out, ",\"err\":{\"type\":\"Error\",\"message\":\"failed\",\"stack\":\"");
            self.stack(statement, "\\n", NODE_FRAMES, out);
            put(out, "\"}");
        }
        put(out, ",\"msg\":\"");
        message(statement, out);
        put(out, "\"}");
    }

    fn logback(&mut self, statement: &Statement<'_>, out: &mut Vec<u8>) {
        put(out, "{\"@timestamp\":\"");
        self.clock.rfc3339(out, statement.micros);
        put(out, "\",\"@version\":\"1\",\"message\":\"");
        message(statement, out);
        put(out, "\",\"logger_name\":\"com.example.");
        put(out, statement.service.name);
        put(out, ".Service\",\"thread_name\":\"http-nio-8080-exec-");
        text::number(out, statement.facts_thread());
        put(out, "\",\"level\":\"");
        put(out, upper(statement.template.level).trim_start());
        put(out, "\",\"level_value\":");
        text::number(out, logback_level(statement.template.level));
        json_context(statement.context, ["traceId", "spanId", ""], out);
        put(out, ",\"application\":\"");
        put(out, statement.service.name);
        out.push(b'"');
        json_fields(statement, out);
        if statement.failed {
            put(out, ",\"stack_trace\":\"");
            self.stack(statement, "\\n", JAVA_FRAMES, out);
            out.push(b'"');
        }
        out.push(b'}');
    }

    fn text(&mut self, statement: &Statement<'_>, out: &mut Vec<u8>) {
        self.clock.rfc3339(out, statement.micros);
        out.push(b' ');
        put(out, upper(statement.template.level));
        put(out, " [");
        put(out, statement.service.name);
        out.push(b',');
        if let Some(context) = statement.context {
            text::hex(out, context.trace[0]);
            text::hex(out, context.trace[1]);
            out.push(b',');
            text::hex(out, context.span);
        } else {
            out.push(b',');
        }
        put(out, "] 1 --- [nio-8080-exec-");
        text::number(out, statement.facts_thread());
        put(out, "] com.example.");
        put(out, statement.service.name);
        put(out, ".Service : ");
        message(statement, out);
        for (name, slot) in &statement.template.fields {
            out.push(b' ');
            put(out, name);
            out.push(b'=');
            statement.facts.fill(*slot, out, statement.line);
        }
        if statement.failed {
            out.push(b'\n');
            self.stack(statement, "\n", JAVA_FRAMES, out);
        }
    }

    /// A head that names the order, then some of the frames.
    fn stack(&mut self, statement: &Statement<'_>, end: &str, frames: Frames, out: &mut Vec<u8>) {
        put(out, frames.head);
        statement.facts.fill(Slot::Order, out, statement.line);
        let depth = self.random.between(3, frames.frames.len() as u64 + 1) as usize;
        for frame in &frames.frames[..depth] {
            put(out, end);
            // A tab may stand in text, but not in a JSON string.
            put(out, if end == "\n" { "\tat " } else { "    at " });
            put(out, frame);
            text::number(out, self.random.between(10, 400));
            out.push(b')');
        }
    }
}

impl Statement<'_> {
    /// The number of the thread: that of a request stays the same within a span.
    fn facts_thread(&self) -> u64 {
        self.context.map_or(1, |context| context.span % 32 + 1)
    }
}

/// How stack traces of a language look.
#[derive(Debug, Clone, Copy)]
struct Frames {
    head: &'static str,
    frames: &'static [&'static str],
}

const JAVA_FRAMES: Frames = Frames {
    head: "java.lang.IllegalStateException: cannot continue with ",
    frames: &[
        "com.example.core.Flow.step(Flow.java:",
        "com.example.core.Flow.run(Flow.java:",
        "com.example.client.Call.exchange(Call.java:",
        "com.example.web.Controller.handle(Controller.java:",
        "jdk.internal.reflect.DirectMethodHandleAccessor.invoke(DirectMethodHandleAccessor.java:",
        "org.apache.catalina.core.ApplicationFilterChain.doFilter(ApplicationFilterChain.java:",
        "java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:",
        "java.lang.Thread.run(Thread.java:",
    ],
};

const NODE_FRAMES: Frames = Frames {
    head: "Error: cannot continue with ",
    frames: &[
        "step (/app/src/flow.js:",
        "run (/app/src/flow.js:",
        "exchange (/app/src/client.js:",
        "handle (/app/src/server.js:",
        "process.processTicksAndRejections (node:internal/process/task_queues:",
    ],
};

const GO_FRAMES: Frames = Frames {
    head: "cannot continue with ",
    frames: &[
        "main.(*Flow).Step(flow.go:",
        "main.(*Flow).Run(flow.go:",
        "main.(*Server).handle(server.go:",
        "net/http.HandlerFunc.ServeHTTP(server.go:",
        "net/http.(*conn).serve(server.go:",
    ],
};

fn put(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

fn message(statement: &Statement<'_>, out: &mut Vec<u8>) {
    for piece in &statement.template.pieces {
        match piece {
            Piece::Text(text) => put(out, text),
            Piece::Slot(slot) => statement.facts.fill(*slot, out, statement.line),
        }
    }
}

fn json_fields(statement: &Statement<'_>, out: &mut Vec<u8>) {
    for (name, slot) in &statement.template.fields {
        put(out, ",\"");
        put(out, name);
        put(out, "\":");
        if slot.is_number() {
            statement.facts.fill(*slot, out, statement.line);
        } else {
            out.push(b'"');
            statement.facts.fill(*slot, out, statement.line);
            out.push(b'"');
        }
    }
}

/// Appends the ids under these names for trace, span and parent; an empty name leaves one out.
fn json_context(context: Option<Context>, names: [&str; 3], out: &mut Vec<u8>) {
    let Some(context) = context else { return };
    put(out, ",\"");
    put(out, names[0]);
    put(out, "\":\"");
    text::hex(out, context.trace[0]);
    text::hex(out, context.trace[1]);
    put(out, "\",\"");
    put(out, names[1]);
    put(out, "\":\"");
    text::hex(out, context.span);
    out.push(b'"');
    if let (Some(parent), false) = (context.parent, names[2].is_empty()) {
        put(out, ",\"");
        put(out, names[2]);
        put(out, "\":\"");
        text::hex(out, parent);
        out.push(b'"');
    }
}

fn lower(level: Level) -> &'static str {
    match level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    }
}

/// Five characters wide, as Spring Boot writes it.
fn upper(level: Level) -> &'static str {
    match level {
        Level::Debug => "DEBUG",
        Level::Info => " INFO",
        Level::Warn => " WARN",
        Level::Error => "ERROR",
    }
}

fn pino_level(level: Level) -> u64 {
    match level {
        Level::Debug => 20,
        Level::Info => 30,
        Level::Warn => 40,
        Level::Error => 50,
    }
}

fn logback_level(level: Level) -> u64 {
    match level {
        Level::Debug => 10_000,
        Level::Info => 20_000,
        Level::Warn => 30_000,
        Level::Error => 40_000,
    }
}
