const { createHash } = require("node:crypto");
const { readFileSync, renameSync, rmSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { setTimeout: sleep } = require("node:timers/promises");

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
};

/**
 * Runs `work` while no other process of this machine does so for the same checkout. The lock names its process: that
 * of a dead one is taken over. It lies in the system's temporary folder, because npm empties node_modules.
 *
 * @param {string} root
 * @param {(waiting: boolean) => Promise<void>} work told whether another process had the lock before
 */
async function alone(root, work, pollMs = 250) {
  const lock = join(tmpdir(), `meridian-install-${createHash("sha256").update(root).digest("hex").slice(0, 16)}.lock`);
  let waited = false;
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const holder = readHolder(lock);
    if (holder !== undefined && !isAlive(holder)) {
      discard(lock);
      continue;
    }
    if (!waited)
      process.stderr.write(`… Another process (${holder ?? "?"}) is installing the packages: waiting for it\n`);
    waited = true;
    await sleep(pollMs);
  }
  const release = () => rmSync(lock, { force: true });
  process.once("exit", release);
  try {
    return await work(waited);
  } finally {
    process.removeListener("exit", release);
    release();
  }
}

function readHolder(lock) {
  try {
    const pid = Number(readFileSync(lock, "utf8"));
    return pid > 0 ? pid : undefined; // empty for the instant between creation and writing
  } catch {
    return undefined;
  }
}

/** Only one of several waiters can rename it away. */
function discard(lock) {
  const aside = `${lock}.${process.pid}`;
  try {
    renameSync(lock, aside);
    rmSync(aside);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
}

module.exports = { alone };
