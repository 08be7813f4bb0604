// Loaded into the Pulumi program by NODE_OPTIONS=--require: tells the rehearsal how many calls to the engine's resource
// monitor are outstanding, each time the event loop has nothing left to do, and takes that back before the next call
// leaves: a report must never outlive the rest it tells of. It changes nothing the program can see.
"use strict";
const { createHash } = require("node:crypto");
const Module = require("node:module");
const net = require("node:net");
const { join } = require("node:path");

const { keepCode } = require("../../toolchain/code-cache.cjs");

// The program's start is compiled once, not in every rehearsal. Other processes that inherit this file see to themselves.
if (/[\\/]@pulumi[\\/]pulumi[\\/]cmd[\\/]run[\\/]/.test(process.argv[1] ?? "")) {
  const name = `program-${createHash("sha1").update(process.cwd()).digest("hex").slice(0, 12)}.code`;
  keepCode(join(__dirname, "..", "..", "node_modules", ".cache", "meridian", name));
}

const port = Number(process.env.MERIDIAN_PROGRAM_WATCH_PORT);
let outstanding = 0;
let finished = false;
let changes = 0;
let resting = false;
let socket;

const tell = (message) => {
  socket ??= net
    .connect({ host: "127.0.0.1", port })
    .unref()
    .on("error", () => {});
  socket.write(JSON.stringify(message) + "\n"); // into the kernel at once, so before a call made after it
};
const report = () => {
  resting = true;
  tell({ outstanding, finished, timers: pendingTimers() });
};
const busy = () => {
  if (resting) tell({ busy: true });
  resting = false;
};

// Timers and network waits of the program's own look idle to any observer, so they are reported by name.
const ignored = new Set(["PipeWrap", "TTYWrap", "TCPSocketWrap", "MessagePort", "TickObject", "Immediate"]);
const pendingTimers = () => process.getActiveResourcesInfo().filter((kind) => !ignored.has(kind)).length;

// Idle: two whole turns of the event loop without a new call or an answer.
const changed = () => {
  busy();
  const seen = ++changes;
  let turns = 0;
  const turn = () => {
    if (seen !== changes) return;
    if (++turns < 3) setImmediate(turn);
    else report();
  };
  setImmediate(turn);
};

const watch = (client) => {
  for (const method of Object.keys(client.prototype)) {
    const original = client.prototype[method];
    if (typeof original !== "function" || original.requestStream || original.responseStream) continue;
    client.prototype[method] = Object.assign(function (...args) {
      const index = args.findIndex((argument) => typeof argument === "function");
      if (index < 0) return original.apply(this, args);
      if (method === "signalAndWaitForShutdown") {
        // Answered only after the last deletion: from here on the calls say nothing about the engine.
        finished = true;
        changed();
        return original.apply(this, args);
      }
      const callback = args[index];
      outstanding += 1;
      changed();
      args[index] = (...results) => {
        outstanding -= 1;
        changed();
        return callback(...results);
      };
      return original.apply(this, args);
    }, original);
  }
};

const watched = new WeakSet();
const load = Module._load;
Module._load = function (request, ...rest) {
  const loaded = load.call(this, request, ...rest);
  const client = /resource_grpc_pb(\.js)?$/.test(request) ? loaded?.ResourceMonitorClient : undefined;
  if (client !== undefined && !watched.has(client)) {
    watched.add(client);
    watch(client);
  }
  return loaded;
};
