import type { ServiceRequest } from "../../../../contracts/publish/requester";
import { under } from "../../../../contracts/publish/url";
import { withService, type Reply } from "./support/service";
import { key, requesterWith } from "./support/submission";

const later = 10_000_000;
const get = (url: string): ServiceRequest => ({ method: "GET", url: under(url, "path", { apikey: key }) });

/** Asks once against replies in this order, the last of them for ever. */
const ask = (replies: readonly Reply[], options: Parameters<typeof requesterWith>[0] = {}, deadlineMs = later) =>
  withService(
    (_, index) => replies[Math.min(index, replies.length - 1)]!,
    async ({ url, seen }) => {
      const { requester, clock } = requesterWith(options);
      const outcome = await requester
        .ask(get(url), requester.now() + deadlineMs, ({ json }) => ({ json }))
        .then(({ json }) => ({ json, error: undefined }))
        .catch((error: unknown) => ({ json: undefined, error: (error as Error).message }));
      return { ...outcome, requests: seen.length, slept: clock.slept };
    },
  );

const good: Reply = { json: { fine: true } };

test.each<[string, Reply]>([
  ["429 without Retry-After", { status: 429, json: { message: "Too many requests" } }],
  ["500", { status: 500, json: {} }],
  ["502 with a page of a proxy", { status: 502, text: "<html>Bad gateway</html>" }],
  ["JSON that is cut off", { text: '{"status":"1","resu' }],
  ["a closed connection", "close"],
])("tries again after %s, a little later each time", async (_, bad) => {
  expect(await ask([bad, bad, good])).toMatchObject({ json: { fine: true }, requests: 3, slept: [1_000, 2_000] });
});

test("waits as long as Retry-After says, in seconds or as a date", async () => {
  const wait = (after: string): Reply => ({ status: 429, headers: { "retry-after": after }, json: {} });
  const date = new Date(Date.UTC(2026, 0, 1) + 1_000_000 + 7_000 + 9_000).toUTCString();
  const { json, slept } = await ask([wait("7"), wait(date), good]);
  expect(json).toEqual({ fine: true });
  expect(slept).toEqual([7_000, 9_000]);
});

test("takes Blockscout's x-ratelimit-reset for a pause in milliseconds", async () => {
  const limited: Reply = { status: 429, headers: { "x-ratelimit-reset": "2500" }, json: {} };
  expect((await ask([limited, good])).slept[0]).toBe(2_500);
  const date: Reply = { status: 429, headers: { "x-ratelimit-reset": "1790000000" }, json: {} };
  expect(await ask([date, good])).toMatchObject({ json: { fine: true }, slept: [1_000] });
});

test.each<[string, Reply, RegExp]>([
  ["429", { status: 429, json: { message: "Too many" } }, /^HTTP 429 \(Too many\), 6 times$/],
  ["503", { status: 503, text: "" }, /^HTTP 503, 6 times$/],
  ["closed connections", "close", /^no connection.*, 6 times$/],
  ["no JSON", { text: "hello" }, /^HTTP 200 with an answer that is no JSON, 6 times$/],
])("gives up after six times %s, and says why", async (_, bad, words) => {
  const { error, requests } = await ask([bad]);
  expect(error).toMatch(words);
  expect(requests).toBe(6);
});

test.each<Reply & string>(["hang", "stall"])("gives a server that %ss six times its time and no more", async (bad) => {
  const { error, requests } = await ask([bad], { requestTimeoutMs: 30 });
  expect(error).toBe("no answer within 1 s, 6 times");
  // On a busy machine a request may be given up before it arrives.
  expect(requests).toBeLessThanOrEqual(6);
});

test("does not wait for a pause that ends after the deadline, nor for one of hours", async () => {
  const limited = (after: string): Reply => ({ status: 429, headers: { "retry-after": after }, json: {} });
  expect((await ask([limited("60")], {}, 20_000)).error).toMatch(/asks to wait 60 s, which is too long/);
  expect(await ask([limited("86400")])).toMatchObject({ requests: 1, slept: [] });
});

test.each<[number, Reply]>([
  [401, { status: 401, json: { message: "no" } }],
  [403, { status: 403, text: "<html>" }],
  [404, { status: 404, text: "<html>" }],
  [302, { status: 302, text: "" }],
])("does not try again after %i", async (status, reply) => {
  const { error, requests } = await ask([reply]);
  expect(error).toContain(`HTTP ${status}`);
  expect(requests).toBe(1);
});

test("a key is in no message, although the service repeats it", async () => {
  const echo = { message: `the key ${key} (${encodeURIComponent(key)}) is no good` };
  for (const status of [401, 429, 500]) {
    const { error } = await ask([{ status, json: echo }]);
    expect(error).toContain("the key [key] ([key]) is no good");
  }
});

test("all that go to one host share its rate, and a pause asked of one holds them all", () =>
  withService(
    (_, index) => (index === 0 ? { status: 429, headers: { "retry-after": "5" }, json: {} } : good),
    async ({ url }) => {
      const { requester, clock } = requesterWith({ rate: { intervalMs: 1_000, burst: 1 } });
      const times: number[] = [];
      const real = globalThis.fetch;
      const spy = jest.spyOn(globalThis, "fetch").mockImplementation((...args) => {
        times.push(clock.now());
        return real(...args);
      });
      await Promise.all(
        [1, 2, 3, 4].map(() => requester.ask(get(url), clock.now() + later, ({ json }) => ({ json }))),
      ).finally(() => spy.mockRestore());
      expect(times).toHaveLength(5);
      times.slice(1).forEach((at, index) => expect(at - times[index]!).toBeGreaterThanOrEqual(1_000));
    },
  ));
