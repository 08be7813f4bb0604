import { readFileSync, truncateSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { dependencies } from "../../../package.json";
import type { ProgressEvent } from "../../../toolchain/progress";
import { ensurePulumi, findPulumi, pathWith } from "../../../toolchain/pulumi";
import { languageHostVersion, pulumiVersion } from "../../../toolchain/pulumi-versions";
import { ToolMissingError } from "../../../toolchain/tool";
import { machine, writeProgram, type Machine, type Program } from "./machine";

let here: Machine;
beforeEach(() => (here = machine()));
afterEach(() => here.remove());

const says =
  (stdout: string): Program =>
  () => ({ stdout });

/** Compiles by writing the file that `-o` names. */
const goThatBuilds =
  (version = "go version go1.26.8 linux/amd64"): Program =>
  (args) => {
    if (args[0] === "version") return { stdout: version };
    writeProgram(args[args.indexOf("-o") + 1] ?? "", "compiled");
    return {};
  };

/** A machine where Go builds and the built programs answer. */
function withGo(): void {
  here.install("go", goThatBuilds());
  here.answer("pulumi", says(`v${pulumiVersion}\n`));
  here.answer("pulumi-language-nodejs", says("Usage"));
}

const missing = async (): Promise<ToolMissingError> => {
  const error: unknown = await ensurePulumi({ host: here.host }).catch((caught: unknown) => caught);
  if (!(error instanceof ToolMissingError)) throw new Error("It was found.", { cause: error });
  return error;
};
const reasons = (error: ToolMissingError) => error.tried.map(({ reason }) => reason);

test("pulumi on PATH with its language host beside it is used as it is", async () => {
  const path = here.install("pulumi", says("v3.260.1"));
  here.install("pulumi-language-nodejs", says(""));
  const tools = await ensurePulumi({ host: here.host });
  expect(tools.pulumi).toEqual({ name: "pulumi", version: "3.260.1", path, source: "path" });
  expect(tools.languageHost).toMatchObject({ version: "3.260.1", path: join(dirname(path), "pulumi-language-nodejs") });
  expect(here.calls).toEqual(["pulumi version"]);
});

test.each([
  ["too old", "v3.100.0", true, "is 3.100.0; 3.259.0 or a newer 3.x is needed"],
  ["without language host", "v3.260.0", false, "has no pulumi-language-nodejs beside it"],
  ["does not run", "Killed", true, "does not answer"],
])("pulumi on PATH that is unusable (%s) is named as a reason", async (_, answer, hasHost, reason) => {
  here.install("pulumi", says(answer));
  if (hasHost) here.install("pulumi-language-nodejs", says(""));
  expect(reasons(await missing())[0]).toContain(reason);
});

test("an unusable pulumi on PATH is passed over with a word, not silently", async () => {
  const notes: ProgressEvent[] = [];
  withGo();
  here.install("pulumi", says("v3.1.0"));
  await ensurePulumi({ host: here.host, onProgress: (event) => notes.push(event) }).catch(() => undefined);
  expect(notes[0]).toMatchObject({ kind: "note", text: expect.stringContaining("3.1.0") });
});

test("nothing there, vendor offline, go missing: one error names each way and what to install", async () => {
  here.answer(basename(process.execPath), () => ({ code: 1, stderr: "getaddrinfo ENOTFOUND" }));
  const error = await missing();
  expect(reasons(error)).toEqual([
    "not there",
    "not there yet",
    expect.stringContaining("getaddrinfo ENOTFOUND"),
    "go is not on PATH",
  ]);
  expect(error.exitCode).toBe(2);
  expect(error.hint).toMatch(/Pulumi CLI[^]*Go 1\.26/);
  expect(error.message.split("\n").length).toBeLessThan(15);
});

test("a vendor that never answers is given up, with the time limit as the reason", async () => {
  here.answer(basename(process.execPath), (_, { timeoutMs }) => ({ problem: `no end after ${timeoutMs ?? "?"} ms` }));
  expect(reasons(await missing())[2]).toBe("https://get.pulumi.com/ does not answer: no end after 8000 ms");
});

test("a go that is too old says so", async () => {
  here.install("go", goThatBuilds("go version go1.22.1 linux/amd64"));
  expect(reasons(await missing())[3]).toBe("go 1.22.1 is too old: 1.26.0 or newer is needed");
});

test("a build that fails is a reason with the compiler's words", async () => {
  here.install("go", (args) =>
    args[0] === "version" ? { stdout: "go1.26.8" } : { code: 1, stderr: "go: module proxy: 404" },
  );
  expect(reasons(await missing())[3]).toContain("go: module proxy: 404");
});

test("offline with go: built once, then taken from the cache without starting anything", async () => {
  withGo();
  const built = await ensurePulumi({ host: here.host });
  expect(built.pulumi).toMatchObject({ version: pulumiVersion, source: "built", origin: "built with go 1.26.8" });
  expect(built.languageHost.version).toBe(languageHostVersion);

  here.calls.length = 0;
  expect((await ensurePulumi({ host: here.host })).pulumi).toMatchObject({ path: built.pulumi.path, source: "cache" });
  expect(await findPulumi(here.host)).toMatchObject({ pulumi: { path: built.pulumi.path } });
  expect(here.calls).toEqual([]);
});

test("the builds resolve nothing: versions and hashes are those of the recipe", async () => {
  withGo();
  await ensurePulumi({ host: here.host });
  const builds = here.calls.filter((call) => call.startsWith("go build"));
  expect(builds).toHaveLength(2);
  for (const build of builds) expect(build).toContain("-mod=readonly");
});

test("the vendor's installer fills the cache when the vendor answers", async () => {
  here.answer("pulumi", says(pulumiVersion));
  here.answer("pulumi-language-nodejs", says("Usage"));
  here.answer(basename(process.execPath), (args) => {
    const root = args[2];
    if (root !== undefined)
      for (const name of ["pulumi", "pulumi-language-nodejs"]) writeProgram(join(root, "bin", name));
    return {};
  });
  const { pulumi, languageHost } = await ensurePulumi({ host: here.host });
  expect(pulumi).toMatchObject({ source: "vendor", origin: "vendor's installer" });
  expect(languageHost.version).toBe(pulumiVersion);
});

test("a program that was built but does not run here is not stored", async () => {
  withGo();
  here.answer("pulumi", () => ({ code: 126, stderr: "Exec format error" }));
  expect(reasons(await missing())[3]).toContain("Exec format error");
  await expect(findPulumi(here.host)).rejects.toThrow(ToolMissingError);
});

test("a torn cache is noticed and built anew", async () => {
  withGo();
  const { pulumi } = await ensurePulumi({ host: here.host });
  truncateSync(pulumi.path, 1);
  await expect(findPulumi(here.host)).rejects.toThrow("is damaged");
  expect((await ensurePulumi({ host: here.host })).pulumi.source).toBe("built");
  expect(readFileSync(pulumi.path, "utf8")).toBe("compiled");
});

test("two at once end with the same tool", async () => {
  withGo();
  const [a, b] = await Promise.all([ensurePulumi({ host: here.host }), ensurePulumi({ host: here.host })]);
  expect(a.pulumi.path).toBe(b.pulumi.path);
  expect(readFileSync(a.pulumi.path, "utf8")).toBe("compiled");
});

test("the tools' folder comes first on PATH, once", async () => {
  withGo();
  const tools = await ensurePulumi({ host: here.host });
  expect(pathWith(tools, "/usr/bin")).toBe(`${dirname(tools.pulumi.path)}:/usr/bin`);
});

test("engine, SDK and recipe are of one version", () => {
  const recipe = readFileSync(join(__dirname, "../../../toolchain/recipes/pulumi-cli/go.mod"), "utf8");
  const host = readFileSync(join(__dirname, "../../../toolchain/recipes/pulumi-language-nodejs/go.mod"), "utf8");
  expect(dependencies["@pulumi/pulumi"]).toBe(pulumiVersion);
  expect(recipe).toContain(`github.com/pulumi/pulumi/pkg/v3 v${pulumiVersion}`);
  expect(host).toContain(`github.com/pulumi/pulumi/sdk/v3 v${languageHostVersion}`);
});
