import { explainFailure, run } from "../../../toolchain/run";

const node = (script: string, options = {}) => run(process.execPath, ["-e", script], options);

test("output and exit code come back; a failure is an answer", async () => {
  const script = "console.log('out'); console.error('err'); process.exit(3)";
  expect(await node(script)).toEqual({ code: 3, stdout: "out\n", stderr: "err\n" });
});

test("a program that is not there is an answer as well", async () => {
  const result = await run("meridian-no-such-program", []);
  expect(result.code).toBeUndefined();
  expect(explainFailure(result)).toContain("ENOENT");
});

test("a time limit also ends what the program has started", async () => {
  // The grandchild holds stdout open: only its death lets the promise settle.
  const grandchild =
    "require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { stdio: 'inherit' })";
  const result = await node(`${grandchild}; setInterval(() => 0, 1000)`, { timeoutMs: 300 });
  expect(result).toMatchObject({ code: undefined, problem: "no end after 0.3 s" });
});

test("an abort ends the program and rejects with its reason", async () => {
  const controller = new AbortController();
  const running = node("setInterval(() => 0, 1000)", { signal: controller.signal });
  controller.abort(new Error("Ctrl-C"));
  await expect(running).rejects.toThrow("Ctrl-C");
});

test("no listener stays behind", async () => {
  const before = process.listenerCount("SIGINT");
  await node("0");
  expect(process.listenerCount("SIGINT")).toBe(before);
});
