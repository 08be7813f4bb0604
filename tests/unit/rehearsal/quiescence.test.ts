import { connect, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";

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
