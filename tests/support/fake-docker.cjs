// Docker's client and engine, as far as a local network uses them. What the engine is like stands in engine.json of the
// folder MERIDIAN_FAKE_DOCKER, which also holds the containers; each call's arguments are added to calls.jsonl.
// A container is a process of its own, so it outlives a client that is killed.
const { spawn } = require("node:child_process");
const { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const home = process.env.MERIDIAN_FAKE_DOCKER;
const [verb, ...rest] = process.argv.slice(2);
appendFileSync(join(home, "calls.jsonl"), `${JSON.stringify([verb, ...rest])}\n`);

const fail = (code, message) => {
  process.stderr.write(`${message}\n`);
  process.exit(code);
};
const engine = JSON.parse(readFileSync(join(home, "engine.json"), "utf8"));
if (!engine.running) {
  if (verb === "info") process.stdout.write("  null\n");
  fail(1, "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?");
}
const images = join(home, "images");
const containers = join(home, "containers");
mkdirSync(containers, { recursive: true });
mkdirSync(images, { recursive: true });
const imageFile = (image) => join(images, encodeURIComponent(image));
const containerFile = (name) => join(containers, name);

/** One line of CSV, as docker reads the value of --mount. */
const fields = (line) => line.match(/"(?:[^"]|"")*"|[^,]+/g).map((f) => f.replace(/^"|"$/g, "").replaceAll('""', '"'));

const flags = [
  "rm",
  "pull",
  "name",
  "label",
  "network",
  "user",
  "cap-drop",
  "security-opt",
  "mount",
  "env",
  "entrypoint",
];

function runContainer() {
  const given = { label: [], mount: [], env: [], "security-opt": [] };
  let at = 0;
  for (; rest[at]?.startsWith("--"); at++) {
    const [, name, value = true] = /^--([a-z-]+)(?:=([^]*))?$/.exec(rest[at]) ?? [];
    if (!flags.includes(name)) fail(125, `unknown flag: ${rest[at]}`);
    if (Array.isArray(given[name])) given[name].push(value);
    else given[name] = value;
  }
  const [image, ...args] = rest.slice(at);
  if (!existsSync(imageFile(image))) fail(125, `docker: Error response from daemon: No such image: ${image}`);
  const file = containerFile(given.name);
  if (existsSync(file)) fail(125, `docker: Error response from daemon: Conflict. The name "${given.name}" is in use.`);
  for (const mount of given.mount) {
    const source = fields(mount).find((field) => field.startsWith("source="));
    if (!existsSync(source.slice(7))) fail(125, `docker: invalid mount: bind ${source} does not exist`);
  }
  // The image's environment and the named variables of the client; nothing else of this machine's.
  const env = { PATH: process.env.PATH, BESU_RPC_HTTP_HOST: "0.0.0.0", BESU_RPC_WS_HOST: "0.0.0.0" };
  for (const name of given.env) env[name] = process.env[name];
  const program = engine.programs[given.entrypoint];
  if (program === undefined) fail(127, `docker: exec: "${given.entrypoint}": no such file or directory`);
  const child = spawn(program[0], [...program.slice(1), ...args], { env, stdio: ["ignore", 1, 2], detached: true });
  writeFileSync(file, String(child.pid));
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code) => {
    if (given.rm) rmSync(file, { force: true });
    process.exit(code ?? 137);
  });
}

function removeContainer() {
  const name = rest.at(-1);
  const file = containerFile(name);
  if (!existsSync(file)) fail(engine.strict ? 1 : 0, `Error response from daemon: No such container: ${name}`);
  try {
    process.kill(Number(readFileSync(file, "utf8")), "SIGKILL");
  } catch {
    // it has ended already
  }
  rmSync(file, { force: true });
}

switch (verb) {
  case "info":
    process.stdout.write("28.5.1 linux []\n");
    break;
  case "image":
    if (!existsSync(imageFile(rest.at(-1)))) fail(1, `Error: No such image: ${rest.at(-1)}`);
    break;
  case "pull":
    if (!engine.registry) fail(1, "Error response from daemon: Get registry: connection refused");
    writeFileSync(imageFile(rest.at(-1)), "");
    break;
  case "run":
    runContainer();
    break;
  case "rm":
    removeContainer();
    break;
  default:
    fail(1, `docker: '${verb}' is not a docker command.`);
}
