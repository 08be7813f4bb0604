import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";

import { canWatchProcesses, processesOfSession, sleepingSignature } from "../../../rehearsal/clock/process-tree";
import { ProgramWatch } from "../../../rehearsal/clock/program-watch";
import { EngineQuiescence, type HeldOperations } from "../../../rehearsal/clock/quiescence";

const atRest = (outstanding: number, more: object = {}): object => ({
  outstanding,
  finished: false,
  timers: 0,
  ...more,
});

/** A program's side of the watch, and what the simulation holds. */
interface Scene {
  readonly say: (message: object) => Promise<void>;
  held: HeldOperations;
  /** Whether it has been found quiet after a number of looks. */
  readonly isQuiet: () => Promise<boolean>;
}

const withScene = async (work: (scene: Scene) => Promise<void>): Promise<void> => {
  const watch = await ProgramWatch.listen();
  const socket: Socket = connect(watch.port, "127.0.0.1");
  const quiescence = new EngineQuiescence({ method: "program", watch, session: () => undefined });
  const scene: Scene = {
    held: { total: 0, deletions: 0 },
    say: async (message) => {
      const before = watch.report;
      socket.write(`${JSON.stringify(message)}\n`);
      while (watch.report === before) await turn();
    },
    isQuiet: async () => {
      let quiet = false;
      const waiting = quiescence
        .wait(
          () => scene.held,
          () => 0,
        )
        .then(() => (quiet = true));
      for (let look = 0; look < 100; look++) await turn();
      const found = quiet;
      scene.held = { total: 7, deletions: 0 }; // so that the wait ends, whatever was found
      await scene.say(atRest(7));
      await waiting;
      return found;
    },
  };
  try {
    await work(scene);
  } finally {
    socket.destroy();
    watch.close();
  }
};

describe("the program as a witness of quiescence", () => {
  test("at rest with every outstanding call held, the engine is quiet", () =>
    withScene(async (scene) => {
      await scene.say(atRest(2));
      scene.held = { total: 2, deletions: 0 };
      expect(await scene.isQuiet()).toBe(true);
    }));

  test("a report from before the program went on says nothing, even if the numbers agree by chance", () =>
    withScene(async (scene) => {
      await scene.say(atRest(2)); // of other calls, answered since
      await scene.say({ busy: true }); // has sent two of five registrations
      scene.held = { total: 2, deletions: 0 };
      expect(await scene.isQuiet()).toBe(false);
    }));

  test.each([
    ["more calls are outstanding than held", atRest(3), { total: 2, deletions: 0 }],
    ["a timer is pending", atRest(2, { timers: 1 }), { total: 2, deletions: 0 }],
    ["the program has ended", atRest(2, { finished: true }), { total: 2, deletions: 0 }],
    ["a deletion is held, for which no call waits", atRest(2), { total: 2, deletions: 1 }],
  ])("not while %s", (_when, report, held) =>
    withScene(async (scene) => {
      await scene.say(report);
      scene.held = held;
      expect(await scene.isQuiet()).toBe(false);
    }),
  );
});

/** A session of one process that sleeps until it is given a line, in the engine's place. */
const withEngine = async (
  work: (scene: {
    quiescence: EngineQuiescence;
    say: (message: object) => Promise<void>;
    wake: () => Promise<void>;
  }) => Promise<void>,
): Promise<void> => {
  const engine = spawn("cat", { detached: true, stdio: ["pipe", "pipe", "ignore"] });
  const watch = await ProgramWatch.listen();
  const socket = connect(watch.port, "127.0.0.1");
  const wake = async (): Promise<void> => {
    engine.stdin.write("on\n");
    await once(engine.stdout, "data");
    const look = (): string | undefined => sleepingSignature(processesOfSession(engine.pid ?? -1));
    for (let last = look(); last === undefined || last !== look(); last = look()) await turn(); // asleep again
  };
  try {
    await wake(); // it runs
    await work({
      quiescence: new EngineQuiescence({ method: "auto", watch, session: () => engine.pid }),
      say: async (message) => {
        const before = watch.report;
        socket.write(`${JSON.stringify(message)}\n`);
        while (watch.report === before) await turn();
      },
      wake,
    });
  } finally {
    socket.destroy();
    watch.close();
    engine.kill("SIGKILL");
  }
};

(canWatchProcesses() ? describe : describe.skip)("both witnesses together, on Linux", () => {
  const held = (total: number, deletions = 0) => ({ total, deletions });
  const wait = (quiescence: EngineQuiescence, what: HeldOperations): Promise<void> =>
    quiescence.wait(
      () => what,
      () => 0,
    );

  test("the kernel is not asked while the program speaks", () =>
    withEngine(async ({ quiescence, say }) => {
      await say(atRest(2));
      await wait(quiescence, held(2));
      quiescence.released(false);
      await say(atRest(1));
      await wait(quiescence, held(1));
      expect(quiescence.verdicts).toEqual({ program: 2, processes: 0, window: 0 });
    }));

  test("it is asked where the program is silent, and where it holds deletions, which the program cannot see", () =>
    withEngine(async ({ quiescence, say }) => {
      await say(atRest(3));
      await wait(quiescence, held(2)); // one call is on its way through the engine, which sleeps
      await wait(quiescence, held(3, 1));
      expect(quiescence.verdicts).toEqual({ program: 0, processes: 2, window: 0 });
    }));

  test("after a failure the engine must have run since it was told, asleep as it may look", () =>
    withEngine(async ({ quiescence, say, wake }) => {
      await say(atRest(3));
      quiescence.released(true);
      let quiet = false;
      const waiting = wait(quiescence, held(2)).then(() => (quiet = true));
      for (let look = 0; look < 100; look++) await turn();
      expect(quiet).toBe(false);
      await wake();
      await waiting;
      expect(quiescence.verdicts.processes).toBe(1);
    }));
});
