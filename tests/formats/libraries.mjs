// Logs with the libraries of Node.js that services use, one file for each way of logging.
//
//   npm install pino pino-pretty bunyan winston log4js morgan fastify express consola tslog signale \
//       npmlog roarr koa koa-logger @hapi/hapi hapi-pino @elastic/ecs-pino-format \
//       @elastic/ecs-winston-format @nestjs/common @nestjs/core @nestjs/platform-express reflect-metadata rxjs
//   node tests/formats/libraries.mjs DIR

import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { Writable } from "node:stream";
import { createRequire } from "node:module";

const require = createRequire(path.join(process.cwd(), "package.json"));
const out = process.argv[2];
fs.mkdirSync(out, { recursive: true });

const sink = (name) => {
  const file = path.join(out, `node-${name}.log`);
  fs.writeFileSync(file, "");
  return new Writable({ write(chunk, _encoding, done) { fs.appendFileSync(file, chunk); done(); } });
};
const get = (port, target) => new Promise((done) => http.get({ port, path: target }, (answer) => answer.resume().on("end", done)).on("error", done));
const run = async (name, body) => { try { await body(); } catch (error) { console.error(name, error.message); } };
/** Catches what is printed while `body` runs. */
const printed = async (name, body) => {
  const target = sink(name);
  const [write, fail] = [process.stdout.write, process.stderr.write];
  process.stdout.write = process.stderr.write = (chunk) => { target.write(chunk); return true; };
  try { await body(); } finally { [process.stdout.write, process.stderr.write] = [write, fail]; }
};
const speak = (logger) => {
  logger.info({ sku: "A-19" }, "cart loaded");
  logger.warn("stock low");
  logger.debug("looking for A-19");
  logger.error(new Error("declined"), "charge failed");
};

await run("pino", async () => {
  const pino = require("pino");
  speak(pino({ name: "checkout", level: "debug" }, sink("pino")));
  speak(pino({ level: "debug", timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } }, sink("pino-iso")));
  const { ecsFormat } = require("@elastic/ecs-pino-format");
  speak(pino({ ...ecsFormat(), level: "debug" }, sink("pino-ecs")));
  const pretty = require("pino-pretty");
  for (const [name, options] of [["plain", { colorize: false }], ["colours", { colorize: true }], ["translated", { colorize: false, translateTime: "SYS:yyyy-mm-dd HH:MM:ss.l o" }], ["line", { colorize: false, singleLine: true, translateTime: true }]]) {
    speak(pino({ level: "debug" }, pretty({ ...options, sync: true, destination: sink(`pino-pretty-${name}`) })));
  }
});
await run("bunyan", () => speak(require("bunyan").createLogger({ name: "notifier", level: "debug", stream: sink("bunyan") })));
await run("winston", async () => {
  const winston = require("winston");
  const { format } = winston;
  for (const [name, chosen] of [
    ["json", format.combine(format.timestamp(), format.json())],
    ["bare", format.json()],
    ["simple", format.simple()],
    ["cli", format.combine(format.colorize(), format.timestamp(), format.printf((info) => `${info.timestamp} ${info.level}: ${info.message}`))],
    ["bracketed", format.combine(format.timestamp({ format: "YYYY-MM-DD HH:mm:ss" }), format.printf((info) => `[${info.timestamp}] [${info.level.toUpperCase()}] ${info.message}`))],
    ["logstash", format.combine(format.timestamp(), format.logstash())],
    ["ecs", require("@elastic/ecs-winston-format").ecsFormat()],
  ]) {
    const logger = winston.createLogger({ level: "silly", format: chosen, transports: [new winston.transports.Stream({ stream: sink(`winston-${name}`) })] });
    logger.info("cart loaded", { sku: "A-19" });
    logger.warn("stock low");
    logger.verbose("looking");
    logger.http("GET /stock");
    logger.error("charge failed", { error: new Error("declined").stack });
  }
});
await run("log4js", async () => {
  const log4js = require("log4js");
  for (const name of ["basic", "coloured", "messagePassThrough"]) {
    log4js.configure({ appenders: { out: { type: "file", filename: path.join(out, `node-log4js-${name}.log`), layout: { type: name } } }, categories: { default: { appenders: ["out"], level: "debug" } } });
    const logger = log4js.getLogger("checkout");
    logger.info("cart loaded"); logger.warn("stock low"); logger.error("charge failed", new Error("declined"));
    await new Promise((done) => log4js.shutdown(done));
  }
});
await run("express", async () => {
  const express = require("express"), morgan = require("morgan");
  const app = express();
  for (const name of ["combined", "common", "dev", "short", "tiny"]) app.use(morgan(name, { stream: sink(`morgan-${name}`) }));
  app.get("/stock", (_request, answer) => answer.send("ok"));
  app.get("/broken", (_request, answer) => answer.status(500).send("no"));
  const server = await new Promise((done) => { const it = app.listen(18111, () => done(it)); });
  for (const target of ["/stock", "/missing", "/broken"]) await get(18111, target);
  server.close();
});
await run("fastify", async () => {
  const app = require("fastify")({ logger: { stream: sink("fastify") } });
  app.get("/stock", async () => "ok");
  app.get("/broken", async () => { throw new Error("declined"); });
  await app.listen({ port: 18112 });
  for (const target of ["/stock", "/missing", "/broken"]) await get(18112, target);
  await app.close();
});
await run("hapi", async () => {
  const server = require("@hapi/hapi").server({ port: 18113, host: "127.0.0.1" });
  await server.register({ plugin: require("hapi-pino"), options: { stream: sink("hapi") } });
  server.route({ method: "GET", path: "/stock", handler: () => "ok" });
  await server.start(); await get(18113, "/stock"); await server.stop();
});
await run("koa", () => printed("koa-logger", async () => {
  const Koa = require("koa"), app = new Koa();
  app.use(require("koa-logger")());
  app.use((context) => { context.body = "ok"; });
  const server = await new Promise((done) => { const it = app.listen(18114, () => done(it)); });
  await get(18114, "/stock"); server.close();
}));
await run("consola", () => printed("consola", async () => {
  const { createConsola } = require("consola");
  const logger = createConsola({ fancy: false, level: 5 });
  logger.info("cart loaded"); logger.warn("stock low"); logger.error(new Error("declined")); logger.success("synced");
}));
await run("tslog", () => printed("tslog", async () => {
  const { Logger } = require("tslog");
  for (const type of ["pretty", "json"]) {
    const logger = new Logger({ type, name: "checkout", stylePrettyLogs: false });
    logger.info("cart loaded"); logger.warn("stock low"); logger.error("charge failed");
  }
}));
await run("signale", () => printed("signale", async () => {
  const { Signale } = require("signale");
  const logger = new Signale({ config: { displayTimestamp: true, displayDate: true } });
  logger.info("cart loaded"); logger.warn("stock low"); logger.error("charge failed"); logger.success("synced");
}));
await run("npmlog", () => printed("npmlog", async () => {
  const logger = require("npmlog");
  logger.info("stock", "cart loaded"); logger.warn("stock", "low"); logger.error("stock", "charge failed");
}));
await run("nest", () => printed("nest", async () => {
  require("reflect-metadata");
  const { Logger, ConsoleLogger } = require("@nestjs/common");
  const logger = new Logger("OrdersController");
  logger.log("cart loaded"); logger.warn("stock low"); logger.error("charge failed", new Error("declined").stack); logger.verbose("looking");
  const json = new ConsoleLogger({ json: true, colors: false });
  json.log("cart loaded", "OrdersController"); json.error("charge failed");
}));
await run("console", () => printed("console", async () => {
  console.log("cart loaded", { sku: "A-19" });
  console.error(new TypeError("no such cart", { cause: new Error("declined") }));
  console.table([{ sku: "A-19", left: 2 }]);
}));
