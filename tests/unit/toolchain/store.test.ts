import { existsSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { readStored, store } from "../../../toolchain/store";
import { machine } from "./machine";

const files = [join("bin", "tool")];
let home: string;
let folder: string;
let remove: () => void;

beforeEach(() => {
  ({ home, remove } = machine());
  folder = join(home, "tools", "tool", "1.0.0");
});
afterEach(() => remove());

const fillWith = (origin: string) => async (temporary: string) => {
  await mkdir(join(temporary, "bin"));
  await writeFile(join(temporary, "bin", "tool"), `made by ${origin}`);
  return { origin, versions: { tool: "1.0.0" } };
};
const siblings = () => readdirSync(dirname(folder));

test("what was stored is found again, with where it came from", async () => {
  expect(await readStored(folder)).toEqual({ state: "absent" });
  await store(folder, files, fillWith("go"));
  expect(await readStored(folder)).toMatchObject({
    state: "whole",
    stamp: { origin: "go", versions: { tool: "1.0.0" } },
  });
});

test.each([
  ["a truncated program", () => truncateSync(join(folder, "bin", "tool"), 3)],
  ["a truncated stamp", () => truncateSync(join(folder, "meridian-tool.json"), 5)],
])("%s makes it torn, and storing again replaces it", async (_, tear) => {
  await store(folder, files, fillWith("first"));
  tear();
  expect(await readStored(folder)).toEqual({ state: "torn" });
  await store(folder, files, fillWith("second"));
  expect(await readStored(folder)).toMatchObject({ state: "whole", stamp: { origin: "second" } });
  expect(siblings()).toEqual(["1.0.0"]);
});

test("a failure to fill it leaves nothing and is passed on", async () => {
  const broken = async (temporary: string) => {
    await fillWith("half")(temporary);
    throw new Error("disk full");
  };
  await expect(store(folder, files, broken)).rejects.toThrow("disk full");
  expect(siblings()).toEqual([]);
});

test("two at once: both get the same whole tool and nothing else remains", async () => {
  let release = (): void => undefined;
  const bothFilled = new Promise<void>((resolve) => (release = resolve));
  let filled = 0;
  const together = (origin: string) => async (temporary: string) => {
    const stamp = await fillWith(origin)(temporary);
    if (++filled === 2) release();
    await bothFilled;
    return stamp;
  };
  const results = await Promise.all([store(folder, files, together("a")), store(folder, files, together("b"))]);
  const stored = await readStored(folder);
  expect(results[0].origin).toBe(results[1].origin);
  expect(stored).toMatchObject({ state: "whole", stamp: { origin: results[0].origin } });
  expect(siblings()).toEqual(["1.0.0"]);
});

test("what a killed process has left is swept, what a living one is filling is not", async () => {
  const dead = join(dirname(folder), ".1.0.0-999999999-abc");
  const living = join(dirname(folder), `.1.0.0-${process.ppid}-abc`);
  for (const path of [dead, living]) await mkdir(path, { recursive: true });
  writeFileSync(join(dead, "half"), "");
  await store(folder, files, fillWith("go"));
  expect([existsSync(dead), existsSync(living)]).toEqual([false, true]);
});
