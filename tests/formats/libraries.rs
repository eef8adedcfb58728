//! Makes the usual logging libraries of Rust say the same, one file for each way to write.
//!
//!     cargo run -- DIR
//!
//! Needs, in a crate of its own: tracing, tracing-subscriber (json), log, env_logger, simplelog, fern,
//! flexi_logger, log4rs (file_appender, pattern_encoder, json_encoder), slog, slog-term, slog-json, chrono.
//! A library that is set up once for a whole process gets one of its own. What is kept is cut to a few
//! lines by tests/formats/excerpt.py.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use slog::Drain;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::prelude::*;

const ONCE: [&str; 8] = [
    "env-logger",
    "env-logger-plain",
    "simplelog",
    "fern",
    "flexi-detailed",
    "flexi-colours",
    "log4rs",
    "log4rs-json",
];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let out = PathBuf::from(&arguments[1]);
    std::fs::create_dir_all(&out).unwrap();
    if let Some(name) = arguments.get(2) {
        return once(name, &out);
    }
    for name in ONCE {
        let stderr = File::create(out.join(format!("rust-{name}.log"))).unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args([&arguments[1], name]).stdout(Stdio::null()).stderr(stderr).status().unwrap();
    }
    spans(&out);
    slogs(&out);
}

fn say() {
    log::debug!(target: "shop::stock", "looking for sku A-19");
    log::info!(target: "shop::cart", "cart loaded");
    log::warn!(target: "shop::stock", "stock low");
    log::error!(target: "shop::pay", "charge failed: card declined");
}

fn once(name: &str, out: &Path) {
    let file = out.join(format!("rust-{name}.log"));
    match name {
        "env-logger" => env_logger::Builder::new().filter_level(log::LevelFilter::Debug).init(),
        "env-logger-plain" => env_logger::Builder::new()
            .filter_level(log::LevelFilter::Debug)
            .format_target(false)
            .format_timestamp_micros()
            .write_style(env_logger::WriteStyle::Always)
            .init(),
        "simplelog" => simplelog::WriteLogger::init(
            log::LevelFilter::Debug,
            simplelog::Config::default(),
            File::create(file).unwrap(),
        )
        .unwrap(),
        "fern" => fern::Dispatch::new()
            .format(|out, message, record| {
                let now = chrono::Local::now().format("[%Y-%m-%d][%H:%M:%S]");
                out.finish(format_args!("{now}[{}][{}] {message}", record.target(), record.level()))
            })
            .chain(std::io::stderr())
            .apply()
            .unwrap(),
        "flexi-detailed" | "flexi-colours" => {
            let format = if name.ends_with("colours") {
                flexi_logger::colored_with_thread
            } else {
                flexi_logger::detailed_format
            };
            let logger = flexi_logger::Logger::try_with_str("debug").unwrap().format(format);
            let _kept = logger.start().unwrap();
            return say();
        }
        _ => {
            use log4rs::append::file::FileAppender;
            use log4rs::config::{Appender, Config, Root};
            let encoder: Box<dyn log4rs::encode::Encode> = if name.ends_with("json") {
                Box::new(log4rs::encode::json::JsonEncoder::new())
            } else {
                Box::new(log4rs::encode::pattern::PatternEncoder::default())
            };
            let appender = FileAppender::builder().encoder(encoder).build(file).unwrap();
            let config = Config::builder()
                .appender(Appender::builder().build("file", Box::new(appender)))
                .build(Root::builder().appender("file").build(log::LevelFilter::Debug))
                .unwrap();
            log4rs::init_config(config).unwrap();
        }
    }
    say();
    log::logger().flush();
}

/// One request, its spans and their ends, as tracing-subscriber writes them.
fn request() {
    let request = tracing::info_span!(
        "request",
        method = "POST",
        path = "/orders/ORD-5521",
        trace_id = "7b2f9c41d05e83a6194cbe70f2a85d13"
    );
    let _in_request = request.enter();
    tracing::info!("cart loaded");
    {
        let reserve = tracing::info_span!("reserve", sku = "A-19", quantity = 2);
        let _in_reserve = reserve.enter();
        tracing::debug!(warehouse = "north", "looking for sku");
        tracing::warn!(left = 1, "stock low");
    }
    tracing::error!(error = "card declined", "charge failed");
}

fn spans(out: &Path) {
    let file = |name: &str| {
        Mutex::new(File::create(out.join(format!("rust-tracing-{name}.log"))).unwrap())
    };
    let layer = || {
        tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_span_events(FmtSpan::NEW | FmtSpan::CLOSE)
    };
    let run =
        |layer: Box<dyn tracing_subscriber::Layer<tracing_subscriber::Registry> + Send + Sync>| {
            let filter = tracing_subscriber::filter::LevelFilter::DEBUG;
            tracing::subscriber::with_default(
                tracing_subscriber::registry().with(layer).with(filter),
                request,
            );
        };
    run(layer().with_writer(file("full")).boxed());
    run(layer().with_writer(file("colours")).with_ansi(true).boxed());
    run(layer()
        .with_thread_ids(true)
        .with_file(true)
        .with_line_number(true)
        .with_writer(file("places"))
        .boxed());
    run(layer().compact().with_writer(file("compact")).boxed());
    run(layer().pretty().with_writer(file("pretty")).boxed());
    run(layer().json().with_writer(file("json")).boxed());
    run(layer().json().flatten_event(true).with_writer(file("json-flat")).boxed());
    run(layer().without_time().with_writer(file("timeless")).boxed());
}

fn slogs(out: &Path) {
    let say = |logger: slog::Logger| {
        slog::debug!(logger, "looking for sku"; "sku" => "A-19");
        slog::info!(logger, "cart loaded"; "order" => "ORD-5521", "items" => 3);
        slog::warn!(logger, "stock low"; "left" => 1);
        slog::error!(logger, "charge failed"; "error" => "card declined");
    };
    let values = || slog::o!("trace_id" => "7b2f9c41d05e83a6194cbe70f2a85d13");
    let open = |name: &str| File::create(out.join(format!("rust-slog-{name}.log"))).unwrap();
    let plain = slog_term::PlainDecorator::new(open("full"));
    say(slog::Logger::root(Mutex::new(slog_term::FullFormat::new(plain).build()).fuse(), values()));
    let plain = slog_term::PlainDecorator::new(open("compact"));
    say(slog::Logger::root(
        Mutex::new(slog_term::CompactFormat::new(plain).build()).fuse(),
        values(),
    ));
    let mut file = open("json");
    file.flush().unwrap();
    say(slog::Logger::root(Mutex::new(slog_json::Json::default(file)).fuse(), values()));
}
