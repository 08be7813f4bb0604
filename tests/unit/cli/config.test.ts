import { execFile } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

import { parse } from "yaml";

import { main } from "../../../cli/main";
import { withLock } from "../../../contracts/file-lock";
import { parseFleet, readSettings } from "../../../fleet";
import { projectRoot } from "../../../toolchain/paths";

const owner = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const regions = "# the network\njapaneast 2\nuksouth 2\n\nbrazilsouth 2   # far\ncanadacentral, 2\n";
const env = `SECRET_KEY="a\nb"\nMERIDIAN_CONTRACTS_SALT='my network'\nexport MERIDIAN_CONTRACTS_OWNER=${owner} # me\nMERIDIAN_CHAIN138_RPC_URL=https://node/key-1234\n`;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "meridian-config-"));
  put("Pulumi.yaml", "name: meridian\n");
  put("fleet.txt", regions);
  put(".env", env);
});
afterEach(() => {
  process.exitCode = undefined;
  rmSync(dir, { recursive: true });
});

const put = (name: string, text: string) => writeFileSync(join(dir, name), text);
const get = (name: string) => readFileSync(join(dir, name), "utf8");
const settings = () => readSettings((parse(get("Pulumi.test.yaml")) as { config: Record<string, unknown> }).config);

/** Runs `meridian config generate` in the folder, and keeps what it prints. */
async function generate(...argv: string[]) {
  const printed = { out: "", err: "" };
  const spies = [
    jest.spyOn(process.stdout, "write").mockImplementation((text) => Boolean((printed.out += String(text)))),
    jest.spyOn(process.stderr, "write").mockImplementation((text) => Boolean((printed.err += String(text)))),
  ];
  try {
    process.exitCode = undefined;
    const files = argv.map((arg) => (/^(fleet|other|outputs|\.env)/.test(arg) ? join(dir, arg) : arg));
    const exitCode = await main(["config", "generate", "--stack", "test", "--dir", dir, ...files]);
    return { exitCode, ...printed };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
const all = ["--regions", "fleet.txt", "--from", ".env"];

describe("meridian config generate", () => {
  it("writes a configuration that the program accepts, for every region at once", async () => {
    const { exitCode, out } = await generate(...all);

    expect(exitCode).toBe(0);
    expect(out).toContain("Pulumi.test.yaml written: 4 regions, 8 validators, quorum 6.\n");
    expect(settings()).toEqual({
      contracts: { salt: "my network", owner, chains: { chain138: {} } },
      regions: ["japaneast", "uksouth", "brazilsouth", "canadacentral"].map((name) => ({ name, validators: 2 })),
    });
    expect(parseFleet(settings()).regions).toHaveLength(4);
    expect(readdirSync(dir).sort()).toEqual([".env", "Pulumi.test.yaml", "Pulumi.yaml", "fleet.txt"]);
  });

  it("writes no secret: no other variable, and no URL of a node", async () => {
    await generate(...all);

    expect(get("Pulumi.test.yaml")).not.toMatch(/SECRET|key-1234/);
  });

  it("changes nothing the second time, not a byte", async () => {
    await generate(...all);
    const before = get("Pulumi.test.yaml");

    expect(await generate(...all)).toEqual({ exitCode: 0, out: "Pulumi.test.yaml is as the inputs say.\n", err: "" });
    expect(get("Pulumi.test.yaml")).toBe(before);
  });

  it("says with --check what would change, ends with 1 and writes nothing; with 0 where nothing would", async () => {
    await generate(...all);
    const before = get("Pulumi.test.yaml");
    put("fleet.txt", "japaneast 2\nuksouth 3\nbrazilsouth 2\nkoreacentral 3\n");

    expect(await generate(...all, "--check")).toEqual({
      exitCode: 1,
      out:
        "~ meridian:regions uksouth 2 -> 3\n- meridian:regions canadacentral 2\n+ meridian:regions koreacentral 3\n" +
        "Pulumi.test.yaml would change: 4 regions, 10 validators, quorum 7.\n",
      err: "",
    });
    expect(get("Pulumi.test.yaml")).toBe(before);
    put("fleet.txt", regions);
    expect(await generate(...all, "--check")).toMatchObject({ exitCode: 0 });
  });

  it("keeps comments, other settings and other namespaces of the file", async () => {
    put(
      "Pulumi.test.yaml",
      `# ours\nencryptionsalt: v1:abc\nconfig:\n  azure-native:location: japaneast # where\n  meridian:protect: false\n` +
        `  meridian:contracts: '{"salt":"old","owner":"${owner}","chains":{"chain138":{"rpcUrl":"http://10.25.0.10:8545"}}}'\n`,
    );
    await generate(...all);

    expect(get("Pulumi.test.yaml")).toMatch(
      /# ours\nencryptionsalt: v1:abc\nconfig:\n {2}azure-native:location: japaneast # where/,
    );
    expect(settings()).toMatchObject({
      protect: false,
      contracts: { salt: "my network", chains: { chain138: { rpcUrl: "http://10.25.0.10:8545" } } },
    });
  });

  it("reads the outputs of Terraform and of a stack, and names what is none of its business", async () => {
    put(
      "outputs.json",
      JSON.stringify({
        regions: { value: { japaneast: 3, uksouth: 3, brazilsouth: 3, koreacentral: 1 }, type: ["map", "number"] },
        supernet: { value: "10.0.0.0/9", type: "string" },
        contracts: { value: { salt: "s", owner }, type: "object" },
        vault_uri: { value: "https://x", type: "string" },
      }),
    );
    const { err } = await generate("--from-outputs", "outputs.json");

    expect(err).toBe("No settings of Meridian: vault_uri\n");
    expect(settings()).toMatchObject({ network: { supernet: "10.0.0.0/9" }, contracts: { salt: "s", chains: {} } });
    put("outputs.json", JSON.stringify({ regions: ["japaneast", "uksouth", "eastasia", "koreacentral"] }));
    await generate("--from-outputs", "outputs.json");
    expect(settings().regions).toEqual(["japaneast", "uksouth", "eastasia", "koreacentral"].map((name) => ({ name })));
  });

  it("lets the list of regions go before the outputs", async () => {
    put("outputs.json", JSON.stringify({ regions: ["eastasia"], chain_id: 138 }));
    await generate(...all, "--from-outputs", "outputs.json");

    expect(settings()).toMatchObject({ regions: [{ name: "japaneast" }, {}, {}, {}], chain: { chainId: 138 } });
  });

  it.each<[string, string, string]>([
    [
      "fleet.txt",
      "uksouth\njapaneastt 2\n",
      'fleet.txt:2: "japaneastt" is not an Azure region. Did you mean "japaneast"?',
    ],
    [
      "fleet.txt",
      "uksouth two\n",
      'fleet.txt:1: "uksouth two" is not a region and its validators. Write it as "uksouth 2".',
    ],
    ["fleet.txt", "uksouth\neastasia\nuksouth\n", "fleet.txt:3: uksouth is named twice, first in line 1."],
    ["fleet.txt", "# none\n", "fleet.txt: It names no region."],
    [
      "fleet.txt",
      "uksouth 0\neastasia 4\n",
      "fleet.txt:1: meridian:regions[0].validators is 0. Allowed: a whole number",
    ],
    ["fleet.txt", "uksouth 2\neastasia 1\n", "fleet.txt: meridian:regions is 3 validators in all. Allowed: 4 or more."],
    [
      ".env",
      `${env}\nMERIDIAN_CHAIN_IDD=1\n`,
      ".env:7: MERIDIAN_CHAIN_IDD is no variable of Meridian. Did you mean MERIDIAN_CHAIN_ID?",
    ],
    [".env", `${env}MERIDIAN_CHAIN_ID=two\n`, '.env:6: meridian:chain.chainId is "two". Allowed: a whole number'],
    [
      ".env",
      `MERIDIAN_CONTRACTS_OWNER=0x12\nMERIDIAN_CONTRACTS_SALT=s\n`,
      '.env:1: meridian:contracts.owner is "0x12".',
    ],
    [".env", `${env}\njust a password\n`, ".env:7: The line is no variable. Write NAME=value, or # before it."],
    [".env", `A=1\nB="open\n`, ".env:2: The quote of B is never closed."],
  ])("ends with 2 and one error with file and line for a wrong %s", async (file, text, message) => {
    put(file, text);
    const { exitCode, out, err } = await generate(...all);

    expect({ exitCode, out, err }).toEqual({ exitCode: 2, out: "", err: expect.stringContaining(`error: ${message}`) });
    expect(err).not.toMatch(/password|bug/);
    expect(readdirSync(dir)).not.toContain("Pulumi.test.yaml");
  });

  it.each<[string, string]>([
    [
      '{\n "regions": [\n  "uksouth",\n  "japaneastt", "eastasia", "koreacentral"\n ]\n}',
      "outputs.json:4: meridian:regions[1].name is",
    ],
    [
      '{\n "regions": {\n  "uksouth": 2,\n  "eastasia": "x"\n }\n}',
      "outputs.json:4: meridian:regions[1].validators is",
    ],
    ['{\n "supernet": {"value": "10.0.0.0/30", "type": "string"}}', "outputs.json:2: meridian:network.supernet is"],
    [
      '{\n "contracts_salt": {"value": "s", "type": "string", "sensitive": true}}',
      "outputs.json:2: contracts_salt is sensitive",
    ],
    ['{\n "a": [1,\n', "outputs.json:"],
    ["[1]", "outputs.json:1: It is not a JSON object of outputs."],
  ])("names the line of wrong outputs %j", async (text, message) => {
    await generate(...all);
    put("outputs.json", text);

    expect(await generate("--from-outputs", "outputs.json")).toMatchObject({
      exitCode: 2,
      out: "",
      err: expect.stringContaining(`error: ${message}`),
    });
  });

  it.each([
    "",
    "# nothing yet\n",
    "config:\n",
    "config: {}\n",
    "encryptionsalt: v1:abc\n",
    "config:\n  meridian:contracts:\n",
  ])("completes a file that has no settings yet: %j", async (text) => {
    put("Pulumi.test.yaml", text);

    expect(await generate(...all)).toMatchObject({ exitCode: 0, err: "" });
    expect(settings()).toMatchObject({ contracts: { owner }, regions: [{}, {}, {}, {}] });
  });

  it.each([
    ["- a list\n", 'Pulumi.test.yaml:1: It is not a stack file: a mapping with "config".'],
    ["config: text\n", "config of the stack file is not a mapping."],
    ["config:\n  meridian:contracts: text\n", "config.meridian:contracts of the stack file is not a mapping."],
    ["config: [\n", "Pulumi.test.yaml:"],
  ])("ends with 2 for a stack file like %j, and leaves it alone", async (text, message) => {
    put("Pulumi.test.yaml", text);

    expect(await generate(...all)).toEqual({ exitCode: 2, out: "", err: expect.stringContaining(`error: ${message}`) });
    expect(get("Pulumi.test.yaml")).toBe(text);
  });

  it("reads outputs that are indented with tabs", async () => {
    await generate(...all);
    put("outputs.json", JSON.stringify({ chain_id: { value: 138, type: "number" } }, null, "\t"));

    expect(await generate("--from-outputs", "outputs.json")).toMatchObject({ exitCode: 0, err: "" });
    expect(settings()).toMatchObject({ chain: { chainId: 138 } });
  });

  it("keeps a link to the file, and its rights", async () => {
    put("real.yaml", "config:\n  meridian:protect: false\n");
    chmodSync(join(dir, "real.yaml"), 0o600);
    symlinkSync(join(dir, "real.yaml"), join(dir, "Pulumi.test.yaml"));
    await generate(...all);

    expect(lstatSync(join(dir, "Pulumi.test.yaml")).isSymbolicLink()).toBe(true);
    expect(statSync(join(dir, "real.yaml")).mode & 0o777).toBe(0o600);
    expect(settings()).toMatchObject({ protect: false, regions: [{}, {}, {}, {}] });
  });

  it("names the line of the stack file where the fault was there before", async () => {
    put("Pulumi.test.yaml", "config:\n  meridian:protect: true\n  meridian:protct: false\n");
    const { err } = await generate(...all);

    expect(err).toMatch(
      /^error: Pulumi\.test\.yaml:3: meridian:protct is false\. There is no such setting\. Did you mean "protect"/,
    );
  });

  it.each<[string[], string]>([
    [[], "There is nothing to write. Give --regions, --from or --from-outputs."],
    [["--regions", "other.txt"], "other.txt cannot be read"],
    [["--regions", "fleet.txt", "--stack", "../x"], '"../x" is no stack\'s name.'],
    [["--regions", "fleet.txt", "--dir", "/nowhere"], "There is no /nowhere/Pulumi.yaml."],
    [["--regoins", "fleet.txt"], "unknown option"],
  ])("ends with 2 for %j", async (argv, message) => {
    const { exitCode, err } = await generate(...argv);

    expect(exitCode).toBe(2);
    expect(err).toContain(message);
  });

  it("waits for another run that holds the lock, and reads what that one wrote", async () => {
    const { running } = await withLock(join(dir, "Pulumi.yaml"), 1000, async () => {
      const started = generate(...all);
      await delay(200);
      put("Pulumi.test.yaml", "config:\n  meridian:protect: false\n");
      return { running: started };
    });

    expect(await running).toMatchObject({ exitCode: 0 });
    expect(settings()).toMatchObject({ protect: false, regions: [{}, {}, {}, {}] });
  });

  it("writes the file as the house formats it", async () => {
    await generate(...all);
    const text = get("Pulumi.test.yaml");

    expect(text).toContain("    - { name: japaneast, validators: 2 }\n");
    expect(text).toContain(`owner: "${owner}"`);
    expect(text).toMatch(/^# Written by `meridian config generate`/);
  });

  it("loses nothing when runs happen at the same time: each keeps what the others wrote", async () => {
    await generate(...all);
    const names = Array.from({ length: 4 }, (_, i) => `other-${i}.env`);
    const lines = ["CHAIN_ID=138", "BESU_IMAGE=besu:1", "SUPERNET=10.0.0.0/9", "PROTECT=false"];
    names.forEach((name, i) => put(name, `MERIDIAN_${lines[i]!}\n`));
    const run = promisify(execFile);
    const command = (name: string) => [
      "bin/meridian.mjs",
      "config",
      "generate",
      "--stack",
      "test",
      "--dir",
      dir,
      "--from",
      join(dir, name),
    ];
    await Promise.all(names.map((name) => run(process.execPath, command(name), { cwd: projectRoot })));

    expect(settings()).toMatchObject({
      chain: { chainId: 138, besuImage: "besu:1" },
      network: { supernet: "10.0.0.0/9" },
      protect: false,
      regions: [{}, {}, {}, {}],
    });
    expect(readdirSync(dir).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  }, 60_000);
});
