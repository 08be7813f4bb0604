import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withVault } from "../support/key-vault";
import {
  deployer,
  deployerKey,
  startChain1,
  startChain138,
  transactionsOf,
  withChain,
  withFolder,
} from "./support/chains";
import { deployAllHere, planOf } from "./support/in-process";
import { deployOne, type Run } from "./support/programs";

jest.setTimeout(120_000);
beforeAll(() => void planOf("chain138"), 60_000);

const secret = deployerKey.slice(2);

/** Looks at the command line of every process of the machine until `stop`; gives those that hold the key. */
function watchCommandLines(): { readonly seen: () => number; readonly stop: () => string[] } {
  const found = new Set<string>();
  let seen = 0;
  const look = (): void => {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        seen += 1;
        if (line.includes(secret)) found.add(line);
      } catch {
        // it ended meanwhile
      }
    }
  };
  look();
  const timer = setInterval(look, 10);
  return {
    seen: () => seen,
    stop: () => {
      look();
      clearInterval(timer);
      return [...found];
    },
  };
}

/** Every file below a folder that holds the key. */
const filesWithKey = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && readFileSync(path, "latin1").includes(secret));

const textsWithKey = (runs: readonly Run[]): string[] =>
  runs.flatMap(({ stdout, stderr }) => [stdout, stderr]).filter((text) => text.includes(secret));

test.each([
  ["a file", true],
  ["the environment", false],
])("a key out of %s is in no output, journal or command line of a deployment", (_, inFile) =>
  withFolder((folder) =>
    withChain(startChain138({ blockTimeSeconds: 0.25 }), async (chain) => {
      const journal = join(folder, "journal");
      mkdirSync(join(folder, "keys"));
      const keyFile = join(folder, "keys", "deployer");
      writeFileSync(keyFile, deployerKey);
      chmodSync(keyFile, 0o600);
      const watch = watchCommandLines();
      const environment = inFile ? { MERIDIAN_DEPLOYER_KEY: "", MERIDIAN_DEPLOYER_KEY_FILE: keyFile } : {};
      const given = { chain, journal, environment };
      const runs = await Promise.all((["WETH9", "MultiSig"] as const).map((name) => deployOne(name, given)));
      expect(watch.stop()).toEqual([]);
      expect(watch.seen()).toBeGreaterThan(9);
      expect(runs.map(({ code }) => code)).toEqual([0, 0]);
      expect(textsWithKey(runs)).toEqual([]);
      expect(filesWithKey(journal)).toEqual([]);
      // The judges see a key where there is one.
      expect(filesWithKey(folder)).toEqual([keyFile]);
      expect(textsWithKey([{ ...runs[0]!, stderr: `the key is ${deployerKey}` }])).toHaveLength(1);
    }),
  ),
);

test("a key on a command line is what the watch above catches", async () => {
  const watch = watchCommandLines();
  const child = spawn("node", ["-e", "process.stdin.resume()", deployerKey], { stdio: ["pipe", "ignore", "ignore"] });
  await new Promise((resolve) => child.once("spawn", resolve));
  const found = watch.stop();
  child.stdin.end();
  expect(found).toHaveLength(1);
});

test("a key in Key Vault deploys both chains; it is asked for no more than reading and signing", () =>
  withFolder((journal) =>
    withVault(deployerKey, { refuse: [429] }, async ({ signer, seen }) => {
      const found = await signer();
      const account = () => Promise.resolve(found);
      await withChain(startChain138(), async (chain) => {
        const results = await deployAllHere({ chain, journal, account });
        expect(results.map(({ nonce }) => nonce).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
        expect(await transactionsOf(chain, deployer.address)).toHaveLength(9);
      });
      await withChain(startChain1(), async (chain) => {
        await deployAllHere({ chain, journal, account });
        expect(await transactionsOf(chain, deployer.address)).toHaveLength(7);
      });
      expect(seen.filter((line) => line.endsWith(" 200") && line.startsWith("GET"))).toHaveLength(1);
      expect(seen.filter((line) => line.endsWith("/sign 200"))).toHaveLength(16);
      expect(filesWithKey(journal)).toEqual([]);
    }),
  ));
