import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { runRecorded, upArguments } from "../../../cli/up";
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
      "--parallel",
      "128",
      "--config",
      "meridian:phases=barrier",
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

  test("records what the engine tells of time, none of its secrets, and ends with its exit code", async () => {
    const secret = "0xdeadbeefsecret";
    const events = [
      { diagnosticEvent: { severity: "debug", message: `inputs ${secret}` } },
      { resourcePreEvent: { metadata: { ...metadata, new: { custom: true, inputs: { privateKey: secret } } } } },
      { resOutputsEvent: { metadata: { ...metadata, new: { custom: true, outputs: { privateKey: secret } } } } },
    ];
    const file = join(folder, "events", "run.jsonl");
    expect(await runRecorded(engine(events, 3), ["up"], file)).toEqual({ exitCode: 3, operations: 1 });

    const text = readFileSync(file, "utf8");
    expect(text).not.toContain(secret);
    expect(samplesOf(text, file)).toEqual([{ type: metadata.type, seconds: expect.any(Number) }]);
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  test("leaves no file where nothing was done", async () => {
    const file = join(folder, "nothing.jsonl");
    expect(await runRecorded(engine([], 0), ["up"], file)).toEqual({ exitCode: 0, operations: 0 });
    expect(existsSync(file)).toBe(false);
  });
});
