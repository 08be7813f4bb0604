import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Properties } from "../../../rehearsal/protocol/values";
import { secret } from "../../../rehearsal/protocol/values";
import { CommandProvider } from "../../../rehearsal/providers/command";

const folder = mkdtempSync(join(tmpdir(), "meridian-command-"));
afterAll(() => rmSync(folder, { recursive: true }));

const provider = new CommandProvider({
  folder,
  environment: { PATH: process.env.PATH, FROM_OPERATOR: "inherited" },
  durationMs: () => 6000,
});
const call = { urn: "urn:a::b::command:local:Command::hello", type: "command:local:Command", name: "hello" };
const create = async (inputs: Properties): Promise<Properties> =>
  (await provider.create({ ...call, inputs }).finish()).outputs;

describe("simulated command provider", () => {
  test("really runs the program, with its environment and standard input", async () => {
    const inputs = {
      create: 'echo "$FROM_OPERATOR $OWN $(cat)"; echo note >&2',
      environment: { OWN: "own" },
      stdin: "in",
    };
    expect(await create(inputs)).toMatchObject({ stdout: "inherited own in", stderr: "note" });
  });

  test("has a modelled duration, and measures the real one", async () => {
    const work = provider.create({ ...call, inputs: { create: "true" } });
    expect(work.durationMs).toBe(6000);
    await work.finish();
    expect(work.realSeconds).toBeGreaterThan(0);
  });

  test("a failure carries exit status, command line and what was said", async () => {
    await expect(create({ create: "echo out; echo reason >&2; exit 3" })).rejects.toThrow(
      'exit status 3: running "echo out; echo reason >&2; exit 3":\nout\nreason',
    );
  });

  test("one secret input makes the output secret", async () => {
    const outputs = await create({ create: "echo $KEY", environment: secret({ KEY: "hidden" }) });
    expect(outputs.stdout).toEqual(secret("hidden"));
  });

  test("an update without a program of its own runs create again, with the previous output at hand", async () => {
    const inputs = { create: 'echo "again after $PULUMI_COMMAND_STDOUT"' };
    const before = { ...call, id: "c", oldInputs: {}, oldOutputs: { stdout: "first" }, preview: false };
    expect(await provider.update({ ...before, inputs }).finish()).toMatchObject({ stdout: "again after first" });
  });

  test("changed triggers replace; any other change updates", () => {
    const diff = (inputs: Properties) =>
      provider.diff({ ...call, id: "c", oldOutputs: {}, oldInputs: { create: "a", triggers: ["1"] }, inputs });
    expect(diff({ create: "a", triggers: ["2"] }).changes.get("triggers")?.replaces).toBe(true);
    expect(diff({ create: "b", triggers: ["1"] }).changes.get("create")?.replaces).toBe(false);
  });

  test("cancelling ends the program and what it started", async () => {
    const marker = join(folder, "pid");
    const work = provider.create({
      ...call,
      inputs: { create: `sleep 600 & echo $! > ${marker}.new; mv ${marker}.new ${marker}; wait` },
    });
    const pid = await new Promise<number>((resolve) => {
      const look = (): void => {
        try {
          resolve(Number(readFileSync(marker, "utf8")));
        } catch {
          setImmediate(look);
        }
      };
      look();
    });
    provider.cancel();
    await expect(Promise.resolve(work.finish())).rejects.toThrow("signal: SIGTERM");
    expect(() => {
      for (;;) process.kill(pid, 0);
    }).toThrow("ESRCH");
  });
});
