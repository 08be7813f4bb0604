import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { livePid, writePid } from "../../../operations/pid-file";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "meridian-pid-"));
  file = join(folder, "besu.pid");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a recorded process is found while it runs, and its file goes when it has ended", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  await once(child, "spawn");
  writePid(file, child.pid!);
  expect(livePid(file)).toBe(child.pid);

  child.kill("SIGKILL");
  await once(child, "exit");
  expect(livePid(file)).toBeUndefined();
  expect(existsSync(file)).toBe(false);
});

test("another program that got the same id later is not taken for it", () => {
  writeFileSync(file, JSON.stringify({ pid: process.pid, started: "before the last reboot" }));
  expect(livePid(file)).toBeUndefined();
  expect(existsSync(file)).toBe(false);
});

test.each(["", "{", '{"pid":-1,"started":""}', '{"pid":1,"started":""}'])(
  "a torn file (%s) is no process",
  (content) => {
    writeFileSync(file, content);
    expect(livePid(file)).toBeUndefined();
  },
);
