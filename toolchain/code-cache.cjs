/**
 * Keeps what V8 has compiled of a process's CommonJS modules in a file, so that the next process of the same kind need not
 * compile it: a third of a Pulumi program's start, half of a contract program's. Node has this from version 22 on.
 *
 * The file holds, by the hash of a module's text, what V8 makes of it after the module has run. V8 refuses what another
 * version or other flags of it made; such a file, a torn one, or none, costs nothing but the time saved.
 */
"use strict";
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const { dirname } = require("node:path");
const { Script } = require("node:vm");
const { threadId } = require("node:worker_threads");

const hash = (...parts) => parts.reduce((sum, part) => sum.update(part), createHash("sha1")).digest("base64");

/** A header's length, the header, and what it tells the places of. */
const LENGTH_BYTES = 4;

/** What a file holds, by key; nothing when it cannot be read. */
function read(file) {
  try {
    const bytes = readFileSync(file);
    const begin = LENGTH_BYTES + bytes.readUInt32LE(0);
    const places = JSON.parse(bytes.toString("utf8", LENGTH_BYTES, begin));
    return new Map(
      places.map(([key, from, to, sum]) => [key, { code: bytes.subarray(begin + from, begin + to), sum }]),
    );
  } catch {
    return new Map();
  }
}

/** What was found under a key, if it is what was written: V8 looks at the version alone, and ends the process over the rest. */
const sound = (found) => (found !== undefined && hash(found.code) === found.sum ? found.code : undefined);

/** Writes aside, then renames: processes may do so at once. */
function write(file, entries) {
  let at = 0;
  const places = entries.map(([key, code]) => [key, at, (at += code.length), hash(code)]);
  const header = Buffer.from(JSON.stringify(places));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(header.length);
  const ownTurn = `${file}.${process.pid}.${threadId}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(ownTurn, Buffer.concat([length, header, ...entries.map(([, bytes]) => bytes)]));
    renameSync(ownTurn, file);
  } catch {
    forget(ownTurn); // a full or read-only disk: the next process compiles, as this one did
  }
}

function forget(file) {
  try {
    rmSync(file, { force: true });
  } catch {
    // it could not be made either
  }
}

/** What Node gives a module as `require`. */
function requireOf(module) {
  const require = (request) => module.require(request);
  const resolve = (request, options) => Module._resolveFilename(request, module, false, options);
  resolve.paths = (request) => Module._resolveLookupPaths(request, module);
  return Object.assign(require, {
    resolve,
    main: process.mainModule,
    extensions: Module._extensions,
    cache: Module._cache,
  });
}

/**
 * V8 forgets of code that it takes from a file who answers its `import()`. The compiler's own text only mentions it.
 */
const importsLater = (content, filename) =>
  (content.includes("import(") || content.includes("import (")) &&
  !/[\\/]typescript[\\/]lib[\\/]typescript\.js$/.test(filename);

let installed = false;

/**
 * From here on this process's CommonJS modules are compiled with what `file` holds; at its end the file is written anew if
 * anything was missing in it. Only the first call counts.
 *
 * @param {string} file absolute path
 */
exports.keepCode = (file) => {
  if (installed) return;
  installed = true;
  if (typeof Module.enableCompileCache === "function") return void Module.enableCompileCache(`${file}.d`);

  const known = read(file);
  /** Scripts by key. */
  const compiled = new Map();
  let missing = 0;
  const original = Module.prototype._compile;
  const [before, after] = [Module.wrapper[0], Module.wrapper[1]];

  Module.prototype._compile = function (content, filename, ...rest) {
    const asNode = () => original.call(this, content, filename, ...rest);
    // A first line "#!" would be no script inside the wrapper.
    if (rest[0] === "module" || content.startsWith("#!") || importsLater(content, filename)) return asNode();
    const key = hash(filename, "\0", content);
    const cachedData = sound(known.get(key));
    let script;
    try {
      script = new Script(before + content + after, { filename, cachedData, columnOffset: -before.length });
    } catch {
      return asNode(); // an ES module, which Node can require; or a mistake, of which Node tells
    }
    if (cachedData === undefined || script.cachedDataRejected) missing += 1;
    compiled.set(key, script);
    const run = script.runInThisContext({ displayErrors: true });
    return Reflect.apply(run, this.exports, [this.exports, requireOf(this), this, filename, dirname(filename)]);
  };

  process.on("exit", () => {
    if (missing === 0) return;
    write(
      file,
      [...compiled].map(([key, script]) => [key, script.createCachedData()]),
    );
  });
};
