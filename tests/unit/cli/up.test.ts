import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { PulumiStack } from "../../../cli/pulumi-stack";
import { upArguments } from "../../../cli/up";
import { samplesOf } from "../../../rehearsal/forecast/timings";
import { projectRoot } from "../../../toolchain/paths";

const folder = mkdtempSync(join(tmpdir(), "meridian-up-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An engine that sends these events where it is told to, and ends with this code. */
const engine = (events: readonly object[], exitCode: number): string => {
  const file = join(folder, `pulumi-${exitCode}.cjs`);
  writeFileSync(
    file,
    `#!${process.execPath}
    const { createRequire } = require("node:module");
    const load = createRequire(${JSON.stringify(join(projectRoot, "package.json"))});
    const grpc = load("@grpc/grpc-js");
    const { EventsClient } = load("@pulumi/pulumi/proto/events_grpc_pb");
    const { EventRequest } = load("@pulumi/pulumi/proto/events_pb");
    if (process.env.PULUMI_DEBUG_COMMANDS !== "true") process.exit(9);
    const address = process.argv[process.argv.indexOf("--event-log") + 1].replace("tcp://", "");
    const client = new EventsClient(address, grpc.credentials.createInsecure());
    const call = client.streamEvents(() => process.exit(${exitCode}));
    for (const event of ${JSON.stringify(events)}) call.write(new EventRequest().setEvent(JSON.stringify(event)));
    call.end();`,
    { mode: 0o700 },
  );
  return file;
};

const metadata = { op: "create", urn: "urn:pulumi:dev::meridian::t::a", type: "azure-native:network:VirtualNetwork" };

describe("meridian up", () => {
  test("is pulumi up with the mode's flags and the arguments that follow", () => {
    expect(upArguments("maximum", "fleet", ["--yes"])).toEqual([
      "up",
      "--stack",
      "fleet",
      ...["--parallel", "128", "--config", "meridian:phases=barrier"],
      "--yes",
    ]);
    expect(upArguments("ultra", undefined, ["--target", "**::japaneast-*"])).toContain("--target");
  });

  test.each([
    ["--parallel=4", "--parallel=4 is given, which meridian up --mode standard sets itself."],
    ["--event-log", "--event-log is given, which"],
    ["--target", "--target is given, and mode standard puts barriers between the phases of all regions."],
  ])("refuses %s beside a mode that it contradicts", (argument, message) => {
    expect(() => upArguments("standard", undefined, [argument, "x"])).toThrow(message);
  });

  test("tries again with fewer slots, without asking, and only where it may", () => {
    const step = { number: 2, parallel: 32, targets: ["**::japaneast-*"], delayMs: 1 };
    expect(upArguments("ultra", "fleet", ["--diff"], { attempts: 4, step })).toEqual([
      ...["up", "--stack", "fleet", "--parallel", "32", "--config", "meridian:phases=overlap"],
      "--continue-on-error",
      ...["--diff", "--yes", "--skip-preview", "--target", "**::japaneast-*"],
    ]);
    // A barrier joins all regions; what the user has named stays as it is.
    expect(upArguments("maximum", undefined, [], { attempts: 4, step })).not.toContain("--target");
    const own = upArguments("ultra", undefined, ["--target", "**::uksouth-*"], { attempts: 4, step });
    expect(own.filter((one) => one === "--target")).toHaveLength(1);
    // The first attempt is the mode's own line, and asks.
    const first = upArguments("ultra", undefined, [], { attempts: 4, step: { ...step, number: 1 } });
    expect(first).toContain("2147483647");
    expect(first).not.toContain("--yes");
  });

  const stackOf = (pulumi: string, events: string): PulumiStack =>
    new PulumiStack({ pulumi, events, project: "p", onStep: () => undefined, upArguments: () => ["up"] });
  const first = { number: 1, parallel: 8, targets: [], delayMs: 0 };

  test("records what the engine tells of time, none of its secrets, and ends with its exit code", async () => {
    const secret = "0xdeadbeefsecret";
    const inputs = { privateKey: secret };
    const failing = { ...metadata, urn: `${metadata.urn}b` };
    const events = [
      { diagnosticEvent: { severity: "debug", message: `inputs ${secret}` } },
      { resourcePreEvent: { metadata: { ...metadata, new: { custom: true, inputs } } } },
      { resourcePreEvent: { metadata: { ...failing, new: { custom: true, inputs } } } },
      { resOutputsEvent: { metadata: { ...metadata, new: { custom: true, outputs: inputs } } } },
      { diagnosticEvent: { severity: "error", urn: failing.urn, message: 'Code="RetryableError"' } },
      { resOpFailedEvent: { metadata: { ...failing, new: { custom: true, inputs, parent: "urn:above" } } } },
    ];
    const file = join(folder, "events", "run.jsonl");
    const stack = stackOf(engine(events, 3), file);
    const run = await stack.up(first);
    expect(run).toEqual({
      exitCode: 3,
      diagnostics: [{ severity: "error", urn: failing.urn, message: 'Code="RetryableError"' }],
      failedSteps: [{ urn: failing.urn, type: metadata.type, parent: "urn:above" }],
      peak: 2,
    });
    expect(stack.operations).toBe(2);

    const text = readFileSync(file, "utf8");
    expect(text + JSON.stringify(run)).not.toContain(secret);
    expect(samplesOf(text, file)).toEqual([{ type: metadata.type, seconds: expect.any(Number) }]);
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  test("leaves no file where nothing was done", async () => {
    const file = join(folder, "nothing.jsonl");
    const stack = stackOf(engine([], 0), file);
    expect((await stack.up(first)).exitCode).toBe(0);
    expect(stack.operations).toBe(0);
    expect(existsSync(file)).toBe(false);
  });

  test("a first signal asks the engine to stop, a second one kills it, and a wait ends at once", async () => {
    const log = join(folder, "signals");
    const stubborn = join(folder, "stubborn.cjs");
    writeFileSync(
      stubborn,
      `#!${process.execPath}
      const { appendFileSync } = require("node:fs");
      process.on("SIGINT", () => appendFileSync(${JSON.stringify(log)}, "asked "));
      appendFileSync(${JSON.stringify(log)}, "up ");
      setInterval(() => undefined, 1000);`,
      { mode: 0o700 },
    );
    const stack = stackOf(stubborn, join(folder, "never.jsonl"));
    const said = async (text: string): Promise<void> => {
      while (!existsSync(log) || !readFileSync(log, "utf8").includes(text)) await new Promise(setImmediate);
    };
    const running = stack.up(first);
    await said("up");
    stack.interrupt(false);
    await said("asked");
    stack.interrupt(false);
    expect((await running).exitCode).not.toBe(0);
    expect(stack.interrupted).toBe(true);
    expect((await stack.up({ ...first, number: 2, delayMs: 86_400_000 })).exitCode).toBe(130);
    expect(readFileSync(log, "utf8")).toBe("up asked ");
  });
});
