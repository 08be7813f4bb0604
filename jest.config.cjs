/**
 * One Jest project per tier of docs/architecture.md, so that `npm test -- --selectProjects unit` runs one tier.
 * @type {import("jest").Config}
 */
const swc = [
  "@swc/jest",
  { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
];
const tier = (name, options = {}) => ({
  displayName: name,
  testEnvironment: "node",
  testMatch: [`<rootDir>/tests/${name}/**/*.test.ts`],
  transform: { "\\.ts$": swc, "@noble/.*\\.js$": swc },
  // What EthereumJS uses of Noble is ESM alone, which Jest does not load.
  transformIgnorePatterns: ["^(?!.*/@ethereumjs/[^/]+/node_modules/@noble/).*/node_modules/"],
  // A dynamic import names its file with .js, as TypeScript wants it.
  moduleNameMapper: {
    "^(\\.{1,2}/.*)\\.js$": "$1",
    "^@npmcli/arborist$|/typescript-shim$": "<rootDir>/tests/support/never-loaded.cjs",
  },
  modulePathIgnorePatterns: ["<rootDir>/.rehearsal/"],
  ...options,
});
const withTools = { globalSetup: "<rootDir>/tests/tools.setup.cjs" };

module.exports = {
  // The engine and chain tiers wait for processes of their own most of the time: as many workers as there are cores.
  maxWorkers: "100%",
  testSequencer: "<rootDir>/tests/sequencer.cjs",
  reporters: ["default", "<rootDir>/tests/tier-reporter.cjs"],
  projects: [
    tier("unit"),
    tier("program"),
    tier("chain", withTools),
    tier("engine", withTools),
    tier("cluster", withTools),
    tier("besu", withTools),
    tier("browser", withTools),
    tier("alerts", withTools),
    tier("workflows", withTools),
  ],
};
