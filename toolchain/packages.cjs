// Installs the locked packages when they are missing or stale, so that no command needs an "npm ci" first.
// Plain JavaScript without dependencies: it is the first thing that runs on a fresh clone.
const { spawn } = require("node:child_process");
const { createHash } = require("node:crypto");
const { readFileSync, statSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const { alone } = require("./alone.cjs");
const { linkCommand } = require("./link.cjs");

/** What of the lock file must be in node_modules; packages for other platforms are optional and may be absent. */
function missingPackages(wanted, installed) {
  return Object.entries(wanted).flatMap(([path, entry]) => {
    if (path === "" || entry.link) return [];
    const there = installed[path];
    if (there === undefined) return entry.optional || entry.devOptional ? [] : [path];
    const same = entry.integrity === undefined || there.integrity === entry.integrity;
    return there.version === entry.version && same ? [] : [path];
  });
}

const stampPath = (root) => join(root, "node_modules", ".meridian-packages");

/** Identifies the lock file together with npm's own record of what it installed. */
function fingerprint(root) {
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  const { mtimeMs, size } = statSync(join(root, "node_modules", ".package-lock.json"));
  return `${lock} ${mtimeMs} ${size}`;
}

/** Whether node_modules holds what package-lock.json says. One hash when nothing changed since the last look. */
function packagesAreCurrent(root) {
  try {
    const now = fingerprint(root);
    if (readStamp(root) === now) return true;
    const packages = (path) => JSON.parse(readFileSync(join(root, path), "utf8")).packages;
    const missing = missingPackages(packages("package-lock.json"), packages("node_modules/.package-lock.json"));
    if (missing.length > 0) return false;
    writeFileSync(stampPath(root), now);
    return true;
  } catch (error) {
    if (error.code === "ENOENT") return false;
    throw error;
  }
}

function readStamp(root) {
  try {
    return readFileSync(stampPath(root), "utf8");
  } catch {
    return undefined;
  }
}

/** npm as a command: the one that started us, else the one on PATH. */
function npmCommand() {
  const started = process.env.npm_execpath ?? "";
  if (started.endsWith("npm-cli.js")) return { command: process.execPath, first: [started], shell: false };
  return { command: "npm", first: [], shell: process.platform === "win32" };
}

/** `npm ci`, quiet unless it fails; a live counter on a terminal, a line every 10 s elsewhere. All on stderr. */
async function install(root) {
  const { command, first, shell } = npmCommand();
  const args = [...first, "ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund"];
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  const tty = process.stderr.isTTY === true;
  const text = "Installing the locked npm packages";
  process.stderr.write(`… ${text}${tty ? "" : "\n"}`);
  const show = () =>
    process.stderr.write(tty ? `\r\u001b[K… ${text} (${seconds()} s)` : `… ${text} (${seconds()} s)\n`);
  const timer = setInterval(show, tty ? 1000 : 10_000);

  let said = "";
  const code = await new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, shell, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
    child.once("error", (error) => resolve((said += error.message) && -1));
    child.once("close", resolve);
  });
  clearInterval(timer);
  if (code === 0) {
    process.stderr.write(`${tty ? "\r\u001b[K" : ""}✓ ${text} (${seconds()} s)\n`);
    return;
  }
  process.stderr.write(`${tty ? "\r\u001b[K" : ""}✗ ${text}\n${said.trim()}\n\n`);
  fail(`"npm ci" failed (exit code ${code}).`, "Check that the npm registry can be reached, then try again.");
}

function fail(message, hint) {
  process.stderr.write(`error: ${message}\n\n${hint}\n`);
  process.exit(2);
}

/** Refuses a Node.js that package.json's `engines` excludes. */
function checkNode(root) {
  const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const [major, minor] = engines.node.replace(">=", "").split(".").map(Number);
  const [ourMajor, ourMinor] = process.versions.node.split(".").map(Number);
  if (ourMajor > major || (ourMajor === major && ourMinor >= minor)) return;
  fail(`Node.js ${process.versions.node} is too old.`, `Install ${engines.node}: https://nodejs.org/`);
}

/** Makes node_modules what package-lock.json says; costs about 2 ms when it is. Ends the process when it cannot. */
async function ensurePackages(root) {
  checkNode(root);
  if (packagesAreCurrent(root)) return;
  await alone(root, async () => {
    if (packagesAreCurrent(root)) return;
    await install(root);
    linkCommand(root);
    writeFileSync(stampPath(root), fingerprint(root));
  });
}

module.exports = { ensurePackages, missingPackages, packagesAreCurrent };
