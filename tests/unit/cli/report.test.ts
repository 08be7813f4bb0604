import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { takeOut } from "../../../cli/report";

const repository = mkdtempSync(join(tmpdir(), "meridian-report-"));
afterAll(() => rmSync(repository, { recursive: true, force: true }));

const git = (...args: string[]): void => {
  const author = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
  execFileSync("git", ["-C", repository, ...author, ...args], { stdio: "pipe" });
};

beforeAll(() => {
  git("init", "--quiet");
  writeFileSync(join(repository, "program.ts"), "first");
  git("add", ".");
  git("commit", "--quiet", "-m", "first");
  writeFileSync(join(repository, "program.ts"), "second");
  mkdirSync(join(repository, "node_modules"));
  writeFileSync(join(repository, "node_modules", "package"), "here");
});

test("a commit is taken out as it was, with the packages of this checkout", () => {
  const folder = takeOut("HEAD", join(repository, "out"), repository);
  expect(readFileSync(join(folder, "program.ts"), "utf8")).toBe("first");
  expect(readFileSync(join(folder, "node_modules", "package"), "utf8")).toBe("here");
});

test.each(["nowhere", "--output=/tmp/x", ""])("what is no commit is refused by name: %j", (commit) => {
  const folder = join(repository, "none");
  expect(() => takeOut(commit, folder, repository)).toThrow(`--base ${commit} is no commit of`);
  expect(existsSync(folder)).toBe(false);
});
