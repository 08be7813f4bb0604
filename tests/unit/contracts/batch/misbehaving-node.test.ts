import { setTimeout as delay } from "node:timers/promises";
import { NoConnectionError } from "../../../../contracts/batch/errors";
import { runItems, timeless } from "./support/run";
import { withServer, type Misbehaviour } from "./support/server";

const contract = "0x000000000000000000000000000000000000c0de";
const call = { contract, function: "double(uint256)(uint256)" };
const items = Array.from({ length: 250 }, (_, n) => ({ args: [n + 1], expected: 2 * (n + 1) }));
const honest: Misbehaviour = () => false;

/** Ends a response with some status and text. */
const respond = (
  response: Parameters<Misbehaviour>[1],
  status: number,
  text = "",
  headers: Record<string, string> = {},
): true => {
  response.writeHead(status, headers);
  response.end(text);
  return true;
};

const oneInThree: Readonly<Record<string, Misbehaviour>> = {
  "hangs up": ({ nth }, response) => nth % 3 === 0 && (response.destroy(), true),
  "hangs up in the middle of an answer": ({ nth }, response, all) => {
    if (nth % 3 !== 0) return false;
    const text = JSON.stringify(all());
    response.writeHead(200, { "content-length": text.length });
    response.write(text.slice(0, text.length / 2), () => response.destroy());
    return true;
  },
  "answers late": async ({ nth }) => (await delay(nth % 3 === 0 ? 60 : 0), false),
  "answers in another order": (_, response, all) => respond(response, 200, JSON.stringify(all().reverse())),
  "answers twice": (_, response, all) => respond(response, 200, JSON.stringify([...all(), ...all()])),
  "answers strangers": (_, response, all) =>
    respond(response, 200, JSON.stringify([{ jsonrpc: "2.0", id: 99_999, result: "0x" }, null, 7, ...all()])),
  "leaves out every second answer": ({ asked }, response, all) =>
    asked.length > 1 && respond(response, 200, JSON.stringify(all().filter((_, n) => n % 2 === 0))),
  "says 429 with Retry-After": ({ nth }, response) =>
    nth % 3 === 0 && respond(response, 429, "", { "retry-after": "0.05" }),
  "says 503": ({ nth }, response) => nth % 3 === 0 && respond(response, 503, "<html>"),
  "answers HTML": ({ nth }, response) => nth % 3 === 0 && respond(response, 200, "<html>"),
  "limits the rate of single requests of a batch": ({ nth, asked }, response, all) =>
    nth % 3 === 0 &&
    respond(
      response,
      200,
      JSON.stringify(
        all().map((one, n) =>
          n % 2 === 0 ? one : { jsonrpc: "2.0", id: asked[n]?.id, error: { code: -32005, message: "rate limit" } },
        ),
      ),
    ),
};

test.each(Object.entries(oneInThree))("a node that %s costs time and nothing else", async (_, misbehave) => {
  const good = await withServer(honest, (rpc) => runItems(items, { ...call, rpc }));
  const bad = await withServer(misbehave, (rpc) => runItems(items, { ...call, rpc, concurrency: 2 }));
  expect(bad.code).toBe(0);
  expect(timeless(bad.report)).toEqual(timeless(good.report));
});

test("a batch limit with a single error object, as Besu's, is found and kept", async () => {
  const limit: Misbehaviour = ({ asked }, response) =>
    asked.length > 30 &&
    respond(
      response,
      200,
      JSON.stringify({ jsonrpc: "2.0", id: null, error: { code: -32005, message: "Batch too long" } }),
    );
  await withServer(limit, async (rpc, { sizes }) => {
    const { code } = await runItems(items, { ...call, rpc, concurrency: 1 });
    expect(code).toBe(0);
    // 100 and 50 are refused; no batch of more than 25 follows.
    expect(sizes.slice(0, 4)).toEqual([100, 50, 25, 25]);
    expect(Math.max(...sizes.slice(2))).toBe(25);
  });
});

test("a node that knows no batches at all gets one request at a time", async () => {
  const limit: Misbehaviour = ({ asked }, response) =>
    asked.length > 1 && respond(response, 200, JSON.stringify({ jsonrpc: "2.0", id: null, error: { message: "no" } }));
  await withServer(limit, async (rpc, { sizes }) => {
    expect((await runItems(items.slice(0, 20), { ...call, rpc })).code).toBe(0);
    expect(sizes.slice(-10)).toEqual(Array(10).fill(1));
  });
});

test.each([413, 400])("a body limit answered by %i is found and kept", async (status) => {
  const limit: Misbehaviour = ({ bytes }, response) => bytes > 6_000 && respond(response, status, "too large");
  await withServer(limit, async (rpc, { sizes }) => {
    expect((await runItems(items, { ...call, rpc, concurrency: 1 })).code).toBe(0);
    expect(sizes.filter((size) => size > 40)).toHaveLength(2);
  });
});

test("no more HTTP requests are open than asked for", async () => {
  const slow: Misbehaviour = async () => (await delay(20), false);
  await withServer(slow, async (rpc, seen) => {
    await runItems([...items, ...items, ...items], { ...call, rpc, concurrency: 3 });
    expect(seen.mostOpen).toBe(3);
  });
});

test("an item that a node refuses alone is an error; its neighbours are not", async () => {
  const poison: Misbehaviour = ({ asked }, response) =>
    asked.some(({ params }) => String(params[0].data).endsWith("7")) && respond(response, 400, "no");
  await withServer(poison, async (rpc) => {
    const { code, report } = await runItems(items.slice(0, 16), { ...call, rpc });
    expect(code).toBe(1);
    expect(report.results.filter(({ status }) => status === "error").map(({ index }) => index)).toEqual([6]);
    expect(report.results[6]).toMatchObject({ success: false, passed: false, result: null });
    expect(report.results[6]?.error).toBe("the node refuses the request: HTTP 400");
  });
});

test("a node that never answers is a timeout for each item, in time", async () => {
  await withServer(
    () => true,
    async (rpc) => {
      const began = Date.now();
      const { code, report } = await runItems(items.slice(0, 3), { ...call, rpc, timeoutMs: 200 });
      expect(code).toBe(1);
      expect(report.results.map(({ status, error }) => [status, error])).toEqual(Array(3).fill(["error", "timeout"]));
      expect(Date.now() - began).toBeLessThan(5_000);
    },
  );
});

test("a node that is always busy is given up after some attempts", async () => {
  await withServer(
    (_, response) => respond(response, 503),
    async (rpc) => {
      const { report } = await runItems(items.slice(0, 1), { ...call, rpc });
      expect(report.results[0]).toMatchObject({ status: "error", error: "HTTP 503, 6 times" });
    },
  );
});

test("no node at all is an error of its own, without the path of the address, which may hold a key", async () => {
  const gone = await withServer(honest, (rpc) => Promise.resolve(rpc));
  const running = runItems(items.slice(0, 1), { ...call, rpc: `${gone}/v3/secret` });
  await expect(running).rejects.toThrow(NoConnectionError);
  await expect(running).rejects.toThrow(`${gone} does not answer (no connection: ECONNREFUSED, 6 times).`);
  await expect(running).rejects.toMatchObject({ exitCode: 2 });
});

test("fail-fast ends at the same item whatever the concurrency, and asks for no more", async () => {
  const wrong = items.map((item, n) => (n === 120 ? { ...item, expected: 1 } : item));
  for (const concurrency of [1, 64]) {
    await withServer(honest, async (rpc, { sizes }) => {
      const { code, report } = await runItems(wrong, { ...call, rpc, concurrency, failFast: true });
      expect(code).toBe(1);
      expect(report.summary).toMatchObject({ total: 250, passed: 120, failed: 1, errors: 0, not_run: 129 });
      if (concurrency === 1) expect(sizes).toHaveLength(2);
    });
  }
});

test("a bad item means that nothing is called", async () => {
  await withServer(honest, async (rpc, { sizes }) => {
    await expect(runItems([...items, { args: ["x"] }], { ...call, rpc })).rejects.toMatchObject({ exitCode: 2 });
    expect(sizes).toEqual([]);
  });
});
