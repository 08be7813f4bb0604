import fc from "fast-check";

import { eachRegion, type RegionEvent } from "../../../../operations/regions/each-region";
import { plainProgress } from "../../../../cli/region-progress";

const regionsOf = (n: number) => Array.from({ length: n }, (_, i) => ({ name: `r${i}` }));
const hang = () => new Promise<never>(() => undefined);

/** Ends after so many turns of the event loop: latencies without a clock. */
const turns = async (n: number) => {
  for (let i = 0; i < n; i++) await new Promise((go) => setImmediate(go));
};

describe("eachRegion", () => {
  it("keeps outcomes and output in the configured order, each region's together, whatever the latencies", async () => {
    const latencies = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.boolean()), { minLength: 1, maxLength: 12 });
    const cases = fc.asyncProperty(latencies, fc.integer({ min: 1, max: 12 }), async (given, concurrency) => {
      const regions = regionsOf(given.length);
      const lines: string[] = [];
      const progress = plainProgress(
        regions.map(({ name }) => name),
        (line) => lines.push(line),
        () => 0,
      );
      const outcomes = await eachRegion(
        regions,
        async ({ name }, { step }) => {
          const [delay = 0, fails = false] = given[Number(name.slice(1))] ?? [];
          step("first");
          await turns(delay);
          step("second");
          if (fails) throw new Error("refused");
          return name;
        },
        { timeoutMs: 60_000, concurrency, onEvent: progress.onEvent },
      );

      expect(outcomes.map(({ region }) => region)).toEqual(regions.map(({ name }) => name));
      expect(lines).toEqual(
        given.flatMap(([, fails], i) => [
          `r${i}: first`,
          `r${i}: second`,
          `r${i}: ${fails ? "failed: Unknown: refused" : "done"} (0 s)`,
        ]),
      );
    });
    await fc.assert(cases, { numRuns: 40 });
  });

  it("never works on more regions than it may", async () => {
    let now = 0;
    let most = 0;
    await eachRegion(
      regionsOf(9),
      async () => {
        most = Math.max(most, ++now);
        await turns(2);
        now -= 1;
      },
      { timeoutMs: 60_000, concurrency: 3 },
    );

    expect(most).toBe(3);
  });

  it("cuts off a region that hangs and heeds no signal; a failing one and it cost the others nothing", async () => {
    const outcomes = await eachRegion(
      regionsOf(4),
      async ({ name }) => {
        if (name === "r1") return hang();
        if (name === "r2") throw Object.assign(new Error("no more"), { code: "QuotaExceeded", statusCode: 400 });
        return name;
      },
      { timeoutMs: 30 },
    );

    expect(outcomes.map(({ done }) => done)).toEqual([true, false, false, true]);
    expect(outcomes[1]).toMatchObject({ failure: { code: "Timeout", message: "Not done after 0.03 s." } });
    expect(outcomes[2]).toMatchObject({ failure: { code: "QuotaExceeded", action: expect.stringContaining("quota") } });
  });

  it("gives its slot away when told to, and only once", async () => {
    const began: string[] = [];
    let letGo: () => void = () => undefined;
    const first = new Promise<void>((go) => (letGo = go));
    const all = eachRegion(
      regionsOf(3),
      async ({ name }, { release }) => {
        began.push(name);
        if (name === "r0") {
          release();
          release();
          await first;
        } else if (name === "r1") await first;
      },
      { timeoutMs: 60_000, concurrency: 1 },
    );
    await turns(5);
    const whileHeld = [...began];
    letGo();
    await all;

    expect(whileHeld).toEqual(["r0", "r1"]);
    expect(began).toEqual(["r0", "r1", "r2"]);
  });

  it("ends all regions when it is interrupted, also those that have not begun", async () => {
    const controller = new AbortController();
    const events: RegionEvent[] = [];
    const all = eachRegion(regionsOf(3), hang, {
      timeoutMs: 60_000,
      concurrency: 1,
      signal: controller.signal,
      onEvent: (event) => events.push(event),
    });
    controller.abort();

    expect((await all).map((outcome) => !outcome.done && outcome.failure.code)).toEqual(Array(3).fill("Interrupted"));
    expect(events.filter(({ kind }) => kind === "failed")).toHaveLength(3);
  });
});
