import { setImmediate as turn } from "node:timers/promises";

import { parseFault } from "../../../rehearsal/azure/faults";
import { AzureWorld } from "../../../rehearsal/azure/world";
import type { Quiescence } from "../../../rehearsal/clock/quiescence";
import { VirtualClock, WithdrawnError, type Work } from "../../../rehearsal/clock/virtual-clock";

/** Quiet after a few turns of the event loop: enough for promises, and no engine is there. */
const quickly = (): Quiescence => ({
  verdicts: { program: 0, processes: 0, window: 0 },
  released: () => undefined,
  wait: async () => {
    for (let count = 0; count < 3; count++) await turn();
  },
});

const work = <T>(durationMs: number, value: T): Work<T> => ({ durationMs, finish: () => value });
const failing = (durationMs: number): Work<never> => ({
  durationMs,
  finish: () => {
    throw new Error("refused");
  },
});

describe("VirtualClock", () => {
  test("answers in the order of virtual ends, whatever the real order of finishing", async () => {
    const clock = new VirtualClock(2, quickly(), false);
    const answers: string[] = [];
    const slow: Work<string> = { durationMs: 5, finish: () => turn().then(() => turn("slow")) };
    await Promise.all([
      clock.run("urn:long", "create", () => work(10, "long")).then((text) => answers.push(text)),
      clock.run("urn:slow", "create", () => slow).then((text) => answers.push(text)),
    ]);
    expect(answers).toEqual(["slow", "long"]);
    expect(clock.nowMs).toBe(10);
  });

  test("real seconds are reported apart and never enter virtual time", async () => {
    const clock = new VirtualClock(1, quickly(), false);
    await clock.run("urn:command", "create", () => ({ ...work(6000, "done"), realSeconds: 123 }));
    expect(clock.trace).toMatchObject([{ startMs: 0, endMs: 6000, workMs: 6000, realSeconds: 123 }]);
    expect(clock.nowMs).toBe(6000);
  });

  test("an operation does not begin before it has a slot", async () => {
    const clock = new VirtualClock(1, quickly(), false);
    const begun: [string, number][] = [];
    const begin = (name: string) => () => {
      begun.push([name, clock.nowMs]);
      return work(7, name);
    };
    await Promise.all(["urn:b", "urn:a"].map((urn) => clock.run(urn, "create", begin(urn))));
    expect(begun).toEqual([
      ["urn:a", 0],
      ["urn:b", 7],
    ]);
  });

  test("after a failure nothing begins, unless errors are to be continued after", async () => {
    for (const continueOnError of [false, true]) {
      const clock = new VirtualClock(1, quickly(), continueOnError);
      const [first, second] = await Promise.allSettled([
        clock.run("urn:a", "create", () => failing(3)),
        clock.run("urn:b", "create", () => work(4, "b")),
      ]);
      expect(first).toMatchObject({ status: "rejected", reason: new Error("refused") });
      expect(second.status).toBe(continueOnError ? "fulfilled" : "rejected");
      expect(clock.trace.map(({ urn }) => urn)).toEqual(continueOnError ? ["urn:a", "urn:b"] : ["urn:a"]);
    }
  });

  test("cancelled, what waits is withdrawn and what runs is finished", async () => {
    const clock = new VirtualClock(1, quickly(), false);
    const running = clock.run("urn:a", "create", () => {
      clock.cancel();
      return work(3, "a");
    });
    const waiting = clock.run("urn:b", "create", () => work(4, "b"));
    await expect(waiting).rejects.toThrow(WithdrawnError);
    await expect(running).resolves.toBe("a");
    await expect(clock.run("urn:c", "create", () => work(1, "c"))).rejects.toThrow(WithdrawnError);
  });

  test("what waits for the simulated world ends when that has happened, or fails at its timeout", async () => {
    for (const happens of [true, false]) {
      let quorum = false;
      const clock = new VirtualClock(2, quickly(), true);
      const wait = { ready: () => quorum, timeoutMs: 500, expired: () => new Error("no blocks") };
      const [ready] = await Promise.allSettled([
        clock.run("urn:ready", "create", () => ({ ...work(6, "blocks"), wait })),
        clock.run("urn:validator", "create", () => ({ durationMs: 100, finish: () => (quorum = happens) })),
      ]);
      expect(ready).toMatchObject(happens ? { value: "blocks" } : { reason: new Error("no blocks") });
      expect(clock.trace.at(-1)).toMatchObject({ urn: "urn:ready", endMs: happens ? 106 : 500, workMs: 6 });
    }
  });

  test("a clock that cannot find quiet fails every operation with the alarm", async () => {
    const alarm = new Error("stalled");
    const clock = new VirtualClock(1, { ...quickly(), wait: () => Promise.reject(alarm) }, false);
    await expect(clock.run("urn:a", "create", () => work(1, "a"))).rejects.toBe(alarm);
    await expect(clock.run("urn:b", "create", () => work(1, "b"))).rejects.toBe(alarm);
  });

  test("work in a model ends when the model says; plain work beside it keeps its time", async () => {
    const world = new AzureWorld({ faults: [parseFault("throttle=10")] });
    const azure = (urn: string, durationMs: number): Work<string> => {
      let id = -1;
      const operation = { urn, kind: "create", type: "t:m:T", resourceId: urn, region: "r", durationMs } as const;
      const incidents = { throttledMs: [[0, 10_000]] as const, retries: 1 };
      return {
        durationMs,
        open: (nowMs) => (id = world.begin(operation, nowMs)),
        finish: () => world.complete(id).outcome,
        incidents: () => incidents,
      };
    };
    const clock = new VirtualClock(2, quickly(), false, () => undefined, { model: world });
    await Promise.all([
      clock.run("urn:a", "create", () => azure("urn:a", 5000)),
      clock.run("urn:b", "create", () => work(15_000, "b")),
      clock.run("urn:c", "create", () => azure("urn:c", 1000)),
    ]);
    expect(clock.trace).toMatchObject([
      { urn: "urn:a", startMs: 0, endMs: 15_000, workMs: 15_000, throttledMs: [[0, 10_000]], retries: 1 },
      { urn: "urn:b", startMs: 0, endMs: 15_000, workMs: 15_000 },
      { urn: "urn:c", startMs: 15_000, endMs: 16_000 },
    ]);
    expect(clock.trace[1]).not.toHaveProperty("retries");
  });

  test("at a crash what ended has happened, nobody is told, and nothing goes on", async () => {
    const killed: string[] = [];
    const finished: string[] = [];
    const answered: string[] = [];
    const clock = new VirtualClock(2, quickly(), false, () => undefined, {
      crashAt: ["b"],
      onCrash: (urn) => killed.push(urn),
    });
    const noting = (name: string, durationMs: number): Work<void> => ({
      durationMs,
      finish: () => void finished.push(name),
    });
    for (const [name, durationMs] of [
      ["a", 1],
      ["b", 2],
      ["c", 3],
    ] as const) {
      const urn = `urn:pulumi:s::p::t::${name}`;
      void clock.run(urn, "create", () => noting(name, durationMs)).then(() => answered.push(name));
    }
    while (killed.length === 0) await turn();
    for (let count = 0; count < 20; count++) await turn();
    expect(killed).toEqual(["urn:pulumi:s::p::t::b"]);
    expect(finished).toEqual(["a", "b"]);
    expect(answered).toEqual(["a"]);
  });
});
