import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LockTimeoutError, withLock } from "../../../contracts/file-lock";
import { projectRoot } from "../../../toolchain/paths";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "meridian-lock-"));
  path = join(folder, "lock");
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("one after the other, never two at once", async () => {
  let inside = 0;
  let most = 0;
  const work = (): Promise<void> =>
    withLock(path, 10_000, async () => {
      most = Math.max(most, ++inside);
      await Promise.resolve();
      inside--;
    });
  await Promise.all(Array.from({ length: 20 }, work));
  expect(most).toBe(1);
});

test("a lock that stays held is a clear error in time, and free for the next when its work fails", async () => {
  await withLock(path, 1_000, async () => {
    await expect(withLock(path, 50, () => Promise.resolve())).rejects.toThrow(LockTimeoutError);
    await expect(withLock(path, 50, () => Promise.resolve())).rejects.toThrow(`the lock ${path} for 0.05 s`);
  });
  await expect(withLock(path, 1_000, () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
  expect(await withLock(path, 1_000, () => Promise.resolve("free"))).toBe("free");
});

test("the kernel frees the lock of a process that is killed", async () => {
  const script = `
    const fd = require("node:fs").openSync(process.argv[1], "a+");
    require("fs-native-extensions").waitForLockSync(fd);
    console.log("held");
    setInterval(() => undefined, 1000);`;
  const holder = spawn("node", ["-e", script, path], { cwd: projectRoot, stdio: ["ignore", "pipe", "inherit"] });
  await once(holder.stdout, "data");
  await expect(withLock(path, 50, () => Promise.resolve())).rejects.toThrow(LockTimeoutError);

  holder.kill("SIGKILL");

  expect(await withLock(path, 10_000, () => Promise.resolve("free"))).toBe("free");
});

test("waiting ends with its signal", async () => {
  const controller = new AbortController();
  await withLock(path, 1_000, async () => {
    const waiting = withLock(path, 10_000, () => Promise.resolve(), controller.signal);
    controller.abort();
    await expect(waiting).rejects.toThrow("aborted");
  });
});
