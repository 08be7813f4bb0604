/** The import directions of docs/architecture.md as lint rules. */

const folder = (name, message) => ({ regex: `^\\.{1,2}/(.*/)?${name}(/|$)`, message });
const noCli = folder("cli", "Nothing imports cli/: it is the outermost layer.");
const noRehearsal = folder(
  "rehearsal",
  "Only cli/, tests and benches import rehearsal/: the program must not know whether it is rehearsed.",
);
const noComponents = folder(
  "components",
  "Pure inside, Pulumi outside: components import this folder, not the reverse.",
);
const noPulumi = { regex: "^@pulumi/", message: "This folder is pure: no Pulumi." };
const noSystem = {
  regex:
    "^(node:)?(fs|os|net|tls|dns|http|https|http2|dgram|child_process|worker_threads|cluster|timers|process|readline)(/|$)",
  message: "This folder is pure: no files, no clock, no network, no processes.",
};

const restrictImports = (...patterns) => ({ "no-restricted-imports": ["error", { patterns }] });

/** The model of Azure, without the simulated cloud's file. */
const azureModel =
  "rehearsal/azure/{arm,client,consistency,demand,event-queue,fault-catalogue,fault-effects,faults,latency,limits,locks,operation,quotas,seeded,token-bucket,traits,world}.ts";

/** The folders that compute and nothing else. */
const pure = [
  "regions/**",
  "besu/**",
  "gateway/*.ts",
  "contracts/{graph,lineage}.ts",
  "operations/retry/**",
  "rehearsal/forecast{.ts,/**}",
  "pipeline/**",
  "monitoring/**",
  "execution/analyse/*.ts",
  "policy/{replacements,resource,rules,settings}.ts",
  azureModel,
];

const effects = {
  "no-restricted-globals": [
    "error",
    ...["process", "fetch", "performance", "setTimeout", "setInterval", "setImmediate", "console"].map((name) => ({
      name,
      message: "This folder is pure: let the caller do it.",
    })),
  ],
  "no-restricted-properties": [
    "error",
    { object: "Date", property: "now", message: "This folder is pure: take the time as an argument." },
    { object: "Math", property: "random", message: "This folder is pure: take a seed or a generator as an argument." },
  ],
};

/**
 * Flat configuration; the last entry that matches a file decides.
 * @type {import("eslint").Linter.Config[]}
 */
module.exports = [
  { files: ["**/*.{ts,mjs,cjs}"], rules: restrictImports(noCli, noRehearsal) },
  { files: ["rehearsal/**"], rules: restrictImports(noCli) },
  { files: ["cli/**", "tests/**", "bench/**"], rules: { "no-restricted-imports": "off" } },
  {
    files: ["rehearsal/report/*.ts"],
    ignores: ["rehearsal/report/write.ts"],
    rules: { ...restrictImports(noCli, noComponents, noPulumi, noSystem), ...effects },
  },
  { files: pure, rules: { ...restrictImports(noCli, noRehearsal, noComponents, noPulumi, noSystem), ...effects } },
];
