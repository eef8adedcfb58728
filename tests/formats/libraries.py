"""Logs with the libraries of Python that services use, one file for each way of logging.

Needs the packages named in REQUIRES (in a virtual environment).

    python tests/formats/libraries.py DIR
"""

import asyncio
import io
import json
import logging
import logging.handlers
import os
import sys
import threading
import urllib.request
from contextlib import redirect_stderr, redirect_stdout, suppress

REQUIRES = "structlog loguru python-json-logger ecs-logging uvicorn fastapi flask django tornado aiohttp colorlog eliot logbook twisted rich waitress hypercorn opentelemetry-sdk"
OUT = sys.argv[1]
os.makedirs(OUT, exist_ok=True)


def path(name):
    return os.path.join(OUT, name)


def speak(logger):
    logger.info("cart loaded")
    logger.warning("stock low sku=%s", "A-19")
    logger.debug("looking for %s", "A-19")
    try:
        raise ValueError("no such variant")
    except ValueError:
        logger.exception("reserve failed")


def standard(name, form, datefmt=None, style="%", formatter=None):
    handler = logging.FileHandler(path(name), "w")
    handler.setFormatter(formatter or logging.Formatter(form, datefmt, style))
    logger = logging.getLogger("inventory.stock")
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.DEBUG)
    speak(logger)
    handler.close()


FORMS = {
    "basic": ("%(levelname)s:%(name)s:%(message)s", None),
    "asctime": ("%(asctime)s - %(name)s - %(levelname)s - %(message)s", None),
    "bracketed": ("[%(asctime)s] [%(levelname)s] %(name)s: %(message)s", None),
    "level-first": ("%(levelname)-8s %(asctime)s %(name)s %(message)s", None),
    "slashes": ("%(asctime)s %(levelname)s %(message)s", "%Y/%m/%d %H:%M:%S"),
    "american": ("%(asctime)s %(levelname)s %(message)s", "%m/%d/%Y %I:%M:%S %p"),
    "german": ("%(asctime)s %(levelname)s %(message)s", "%d.%m.%Y %H:%M:%S"),
    "named-month": ("%(asctime)s %(levelname)s %(message)s", "%d-%b-%Y %H:%M:%S"),
    "with-zone": ("%(asctime)s|%(levelname)s|%(name)s|%(message)s", "%Y-%m-%dT%H:%M:%S%z"),
    "pipes": ("%(asctime)s | %(levelname)-8s | %(filename)s:%(lineno)d | %(message)s", None),
    "thread": ("%(asctime)s [%(threadName)s] [%(levelname)s]  %(message)s", None),
    "process": ("%(asctime)s %(process)d %(levelname)s %(name)s [-] %(message)s", None),
    "created": ("%(created)f %(levelname)s %(name)s %(message)s", None),
    "unix": ("%(created)d [%(levelname)s] %(message)s", None),
    "time-only": ("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S"),
    "airflow": ("[%(asctime)s] {%(filename)s:%(lineno)d} %(levelname)s - %(message)s", None),
    "scrapy": ("%(asctime)s [%(name)s] %(levelname)s: %(message)s", "%Y-%m-%d %H:%M:%S"),
    "syslog-like": ("%(asctime)s n1 shop[%(process)d]: %(levelname)s %(message)s", "%b %d %H:%M:%S"),
    "c-locale": ("%(asctime)s %(levelname)s %(message)s", "%c"),
    "rfc2822": ("%(asctime)s %(levelname)s: %(message)s", "%a, %d %b %Y %H:%M:%S +0000"),
    "brace-time": ("({asctime}) <{levelname}> {message}", None),
    "compact": ("%(asctime)s %(levelname).1s %(message)s", "%Y%m%d %H%M%S"),
    "iso-basic": ("%(asctime)s %(levelname)s %(message)s", "%Y%m%dT%H%M%SZ"),
    "key-value": ('ts="%(asctime)s" level=%(levelname)s logger=%(name)s msg="%(message)s"', None),
    "json-by-hand": ('{"timestamp": "%(asctime)s", "level": "%(levelname)s", "message": "%(message)s"}', None),
}
for name, (form, datefmt) in FORMS.items():
    standard(f"python-{name}.log", form, datefmt, "{" if form.startswith("(") else "%")


def third_party():
    with suppress(ImportError):
        from pythonjsonlogger.json import JsonFormatter

        standard("python-json-logger.log", None, formatter=JsonFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        standard("python-json-logger-renamed.log", None, formatter=JsonFormatter("{asctime}{levelname}{message}", style="{", rename_fields={"asctime": "@timestamp", "levelname": "severity"}))
    with suppress(ImportError):
        import ecs_logging

        standard("python-ecs.log", None, formatter=ecs_logging.StdlibFormatter())
    with suppress(ImportError):
        import colorlog

        standard("python-colorlog.log", None, formatter=colorlog.ColoredFormatter("%(log_color)s%(asctime)s %(levelname)-8s%(reset)s %(blue)s%(message)s", force_color=True))
    with suppress(ImportError):
        from tornado.log import LogFormatter

        standard("python-tornado.log", None, formatter=LogFormatter(color=False))
    with suppress(ImportError):
        import structlog

        for name, renderer in [
            ("json", structlog.processors.JSONRenderer()),
            ("logfmt", structlog.processors.LogfmtRenderer()),
            ("console", structlog.dev.ConsoleRenderer(colors=False)),
            ("colours", structlog.dev.ConsoleRenderer(colors=True)),
            ("key-value", structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"])),
        ]:
            with open(path(f"python-structlog-{name}.log"), "w") as file:
                plain = [] if name in ("console", "colours") else [structlog.processors.format_exc_info]
                structlog.configure(
                    processors=[structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso"), *plain, renderer],
                    logger_factory=structlog.WriteLoggerFactory(file),
                    cache_logger_on_first_use=False,
                )
                speak(structlog.get_logger())
    with suppress(ImportError):
        from loguru import logger

        logger.remove()
        for name, options in [("text", {}), ("json", {"serialize": True}), ("plain", {"format": "{time} {level} {message}"})]:
            with open(path(f"python-loguru-{name}.log"), "w") as file:
                sink = logger.add(file, level="DEBUG", **options)
                speak(logger)
                logger.success("synced")
                logger.remove(sink)
    with suppress(ImportError):
        import eliot

        with open(path("python-eliot.log"), "w") as file:
            eliot.to_file(file)
            with eliot.start_action(action_type="reserve", sku="A-19"):
                eliot.log_message(message_type="stock low", left=2)
    with suppress(ImportError):
        import logbook

        with open(path("python-logbook.log"), "w") as file, logbook.StreamHandler(file, level="DEBUG"):
            speak(logbook.Logger("inventory"))
    with suppress(ImportError):
        from twisted.logger import Logger, jsonFileLogObserver, textFileLogObserver

        for name, observer in [("text", textFileLogObserver), ("json", jsonFileLogObserver)]:
            with open(path(f"python-twisted-{name}.log"), "w") as file:
                log = Logger(namespace="inventory", observer=observer(file))
                log.info("cart loaded")
                log.warn("stock low")
                log.error("reserve failed")
    with suppress(ImportError):
        from rich.console import Console
        from rich.logging import RichHandler

        with open(path("python-rich.log"), "w") as file:
            handler = RichHandler(console=Console(file=file, width=120))
            logger = logging.getLogger("rich")
            logger.handlers, logger.propagate = [handler], False
            logger.setLevel(logging.DEBUG)
            logger.info("cart loaded")
            logger.warning("stock low")
    with suppress(ImportError):
        from opentelemetry import trace
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

        with open(path("python-otel-spans.log"), "w") as file:
            provider = TracerProvider()
            provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(out=file)))
            with provider.get_tracer("shop").start_as_current_span("reserve"):
                pass


def get(url):
    with suppress(Exception):
        urllib.request.urlopen(url, timeout=2).read()


def servers():
    with suppress(ImportError):
        import fastapi
        import uvicorn

        app = fastapi.FastAPI()

        @app.get("/stock")
        def stock():
            return {}

        @app.get("/broken")
        def broken():
            raise ValueError("no such variant")

        captured = io.StringIO()
        config = dict(uvicorn.config.LOGGING_CONFIG)
        for handler in config["handlers"].values():
            handler["stream"] = captured
        server = uvicorn.Server(uvicorn.Config(app, port=18101, log_config=config))
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            pass
        for name in ("stock", "missing", "broken"):
            get(f"http://127.0.0.1:18101/{name}")
        server.should_exit = True
        thread.join()
        open(path("python-uvicorn.log"), "w").write(captured.getvalue())
    with suppress(ImportError):
        from werkzeug.serving import make_server
        import flask

        app = flask.Flask("shop")
        app.route("/stock")(lambda: "ok")

        @app.route("/broken")
        def fail():
            raise ValueError("no such variant")

        handler = logging.FileHandler(path("python-flask.log"), "w")
        for name in ("werkzeug", "shop"):
            logging.getLogger(name).addHandler(handler)
            logging.getLogger(name).setLevel(logging.INFO)
        server = make_server("127.0.0.1", 18102, app)
        threading.Thread(target=server.serve_forever).start()
        for name in ("stock", "missing", "broken"):
            get(f"http://127.0.0.1:18102/{name}")
        server.shutdown()
    with suppress(ImportError):
        from aiohttp import web

        handler = logging.FileHandler(path("python-aiohttp.log"), "w")
        logging.getLogger("aiohttp.access").addHandler(handler)
        logging.getLogger("aiohttp.access").setLevel(logging.INFO)

        async def run():
            app = web.Application()
            app.router.add_get("/stock", lambda request: web.Response(text="ok"))
            runner = web.AppRunner(app)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 18103).start()
            await asyncio.to_thread(get, "http://127.0.0.1:18103/stock")
            await asyncio.to_thread(get, "http://127.0.0.1:18103/missing")
            await runner.cleanup()

        asyncio.run(run())
    from http.server import HTTPServer, SimpleHTTPRequestHandler

    captured = io.StringIO()
    with redirect_stderr(captured):
        server = HTTPServer(("127.0.0.1", 18104), SimpleHTTPRequestHandler)
        threading.Thread(target=server.serve_forever).start()
        get("http://127.0.0.1:18104/missing")
        server.shutdown()
    open(path("python-http-server.log"), "w").write(captured.getvalue())


third_party()
servers()
