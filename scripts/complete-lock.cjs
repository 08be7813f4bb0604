// Adds to package-lock.json the platform packages that the registry in use did not serve when it was written.
// npm leaves such an optional package out, and "npm ci" then refuses the lock file as out of sync. The parent pins the
// exact version; the hash is unknown here, so npm takes it at the first download on that platform.
// Run it after "npm install", if tests/unit/toolchain/packages.test.ts says so: node scripts/complete-lock.cjs
const { readFileSync, writeFileSync } = require("node:fs");

const systems = ["darwin", "linux", "win32", "freebsd", "android", "openharmony"];
const cpus = { x64: "x64", amd64: "x64", arm64: "arm64", ia32: "ia32", arm: "arm", armv7: "arm" };
const otherCpus = ["ppc64", "s390x", "riscv64", "loong64"];

/** What npm must know to skip a package elsewhere, read from its name: `@swc/core-linux-arm64-gnu`. */
function platformOf(name) {
  const words = name.split("/").at(-1).split("-");
  const os = systems.find((system) => words.includes(system));
  const cpu = words.map((word) => cpus[word] ?? otherCpus.find((other) => other === word)).find(Boolean);
  const libc = words.some((word) => word.startsWith("musl"))
    ? "musl"
    : os === "linux" && /-gnu/.test(name)
      ? "glibc"
      : undefined;
  return os && cpu ? { os: [os], cpu: [cpu], ...(libc && { libc: [libc] }) } : undefined;
}

/** Optional packages that another package pins and the lock file does not have, by the path they get. */
function unlockedPlatforms(packages) {
  const missing = {};
  for (const entry of Object.values(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const path = `node_modules/${name}`;
      const platform = platformOf(name);
      if (packages[path] || !platform || !/^\d+\.\d+\.\d+[^ ]*$/.test(version)) continue;
      missing[path] = { version, ...(entry.dev && { dev: true }), optional: true, ...platform };
    }
  }
  return missing;
}

if (require.main === module) {
  const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
  const missing = unlockedPlatforms(lock.packages);
  const byPath = ([a], [b]) => a.localeCompare(b, "en");
  lock.packages = Object.fromEntries(Object.entries({ ...lock.packages, ...missing }).sort(byPath));
  writeFileSync("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${Object.keys(missing).length} platform packages added`);
}

module.exports = { platformOf, unlockedPlatforms };
