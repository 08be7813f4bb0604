import { readFileSync } from "node:fs";
import { join } from "node:path";

import { etcd, kubeApiserver } from "../../../toolchain/cluster-tools";
import { ensureGoTool, findGoTool } from "../../../toolchain/go-tool";
import { ToolMissingError } from "../../../toolchain/tool";
import { machine, writeProgram, type Machine } from "./machine";

let here: Machine;
beforeEach(() => (here = machine()));
afterEach(() => here.remove());

const withGo = (): void => {
  here.install("go", (args) => {
    if (args[0] === "version") return { stdout: "go version go1.26.8 linux/amd64" };
    writeProgram(args[args.indexOf("-o") + 1] ?? "", "compiled");
    return {};
  });
  here.answer("etcd", () => ({ stdout: "etcd Version: 3.6.4\nGit SHA: Not provided" }));
};

const missing = async (): Promise<ToolMissingError> => {
  const error: unknown = await ensureGoTool(etcd, { host: here.host }).catch((caught: unknown) => caught);
  if (!(error instanceof ToolMissingError)) throw new Error("It was found.", { cause: error });
  return error;
};

test("on PATH and new enough it is used as it is", async () => {
  const path = here.install("etcd", () => ({ stdout: "etcd Version: 3.5.21" }));
  expect(await ensureGoTool(etcd, { host: here.host })).toMatchObject({ version: "3.5.21", path, source: "path" });
});

test("too old on PATH and no go: both reasons, and what to install", async () => {
  here.install("etcd", () => ({ stdout: "etcd Version: 3.3.0" }));
  const error = await missing();
  expect(error.tried.map(({ reason }) => reason)).toEqual([
    expect.stringContaining("is 3.3.0; 3.4.0 or newer is needed"),
    "not there yet",
    "go is not on PATH",
  ]);
  expect(error.hint).toMatch(/Go 1\.26[^]*apt-get install etcd-server/);
});

test("built once from the recipe, then taken from the cache without starting anything", async () => {
  withGo();
  const built = await ensureGoTool(etcd, { host: here.host });
  expect(built).toMatchObject({ version: etcd.version, source: "built", origin: "built with go 1.26.8" });
  expect(here.calls.filter((call) => call.startsWith("go build"))).toEqual([expect.stringContaining("-mod=readonly")]);

  here.calls.length = 0;
  expect(await findGoTool(etcd, here.host)).toMatchObject({ path: built.path, source: "cache" });
  expect(here.calls).toEqual([]);
});

test("a program that was built but does not run here is not stored", async () => {
  withGo();
  here.answer("etcd", () => ({ code: 126, stderr: "Exec format error" }));
  expect((await missing()).tried.at(-1)?.reason).toContain("Exec format error");
  await expect(findGoTool(etcd, here.host)).rejects.toThrow(ToolMissingError);
});

test("versions and recipes agree", () => {
  const recipe = (name: string) => readFileSync(join(__dirname, "../../../toolchain/recipes", name, "go.mod"), "utf8");
  expect(recipe("kube-apiserver")).toContain(`k8s.io/kubernetes v${kubeApiserver.version}`);
  const staging = recipe("kube-apiserver").match(/^\tk8s\.io\/\S+ => k8s\.io\/\S+ v0\.34\.2$/gm);
  expect(staging).toHaveLength(31);
  expect(recipe("etcd")).toContain(`go.etcd.io/etcd/server/v3 v${etcd.version}`);
  // The API server is tested with the etcd whose client it has.
  expect(recipe("kube-apiserver")).toContain(`go.etcd.io/etcd/client/v3 v${etcd.version}`);
});
