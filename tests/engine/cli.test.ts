import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { projectRoot } from "../../toolchain/paths";

jest.setTimeout(180_000);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "meridian-cli-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Started {
  readonly child: ChildProcess;
  readonly output: { stdout: string; stderr: string };
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

const start = (...args: readonly string[]): Started => {
  const child = spawn(process.execPath, [join(projectRoot, "bin", "meridian.mjs"), ...args], { cwd: projectRoot });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal }));
  });
  return { child, output, ended };
};

/** Processes that have the folder in their arguments or environment: engine, language host, program, chains. */
const processesOf = (path: string): string[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        const [line, environment] = ["cmdline", "environ"].map((file) => readFileSync(`/proc/${pid}/${file}`, "utf8"));
        return line!.includes(path) || environment!.includes(path);
      } catch {
        return false;
      }
    });

/** Polls, bounded by the test's own timeout. */
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await pause(50);
};

/** The chains are up and the engine has begun to create. */
const isUnderWay = ({ stderr }: Started["output"]): boolean => stderr.includes("20 done");

describe("meridian rehearse", () => {
  test("Ctrl-C ends it and everything it started; the next start completes the deployment", async () => {
    const { child, output, ended } = start("rehearse", "--folder", folder);
    await until(() => isUnderWay(output));
    expect(processesOf(folder).length).toBeGreaterThan(3);
    child.kill("SIGINT");
    expect(await ended).toEqual({ code: 130, signal: null });
    await until(() => processesOf(folder).length === 0);

    const again = start("rehearse", "--folder", folder, "--json");
    const { code } = await again.ended;
    expect({ code, said: code === 0 ? "" : again.output.stdout + again.output.stderr }).toEqual({ code: 0, said: "" });
    const summary = JSON.parse(again.output.stdout) as { succeeded: boolean; contracts: unknown[]; resources: object };
    expect(summary).toMatchObject({ succeeded: true });
    expect(summary.contracts).toHaveLength(16);
    await until(() => processesOf(folder).length === 0);

    const destroyed = start("destroy", "--folder", folder);
    expect((await destroyed.ended).code).toBe(0);
    expect(destroyed.output.stdout).toContain("Nothing is left.");
    expect(existsSync(folder)).toBe(false);
  });

  test("even SIGKILL leaves no process behind", async () => {
    const { child, output, ended } = start("rehearse", "--folder", folder);
    await until(() => isUnderWay(output));
    child.kill("SIGKILL");
    expect((await ended).signal).toBe("SIGKILL");
    await until(() => processesOf(folder).length === 0);
  });

  test("a mistake is one message with what is allowed, exit code 2, and nothing is made", async () => {
    for (const [args, message] of [
      [["--stack", "nope"], 'There is no stack "nope": Pulumi.nope.yaml does not exist.'],
      [
        ["--parallel", "0"],
        "option '--parallel <n>' argument '0' is invalid. It must be a whole number of at least 1.",
      ],
    ] as const) {
      const { output, ended } = start("rehearse", "--folder", join(folder, "new"), ...args);
      expect((await ended).code).toBe(2);
      expect(output.stdout).toBe("");
      expect(output.stderr).toContain(message);
      expect(output.stderr).not.toMatch(/^\s+at /m);
      expect(existsSync(join(folder, "new"))).toBe(false);
    }
  });
});
