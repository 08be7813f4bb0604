// A worker thread: executes transactions of blocks in shared memory, on a state of its own. Started by start.mjs.
import { parentPort, workerData } from "node:worker_threads";

import { FlatState } from "../state/flat-state";
import { commonOf } from "../transaction/chain-rules";
import { FlatEvm } from "../transaction/flat-evm";
import { PlainView } from "../transaction/state-view";
import { TransactionState } from "../transaction/transaction-state";
import { Hand } from "./hand";
import { waitForChange } from "./idle";
import type { BlockMessage, FromWorker, ThreadFault, ToWorker, WorkerStart } from "./messages";
import { GivenUpError } from "./mutex";
import { SharedBlock, StoreFullError } from "./shared-block";

const port = parentPort;
if (port === null) throw new Error("execution/parallel/worker.ts runs in a worker thread only.");
const say = (message: FromWorker): void => port.postMessage(message);

const { rules, blockHashes, untracked, fault } = workerData as WorkerStart;
const common = commonOf(rules);
const state = new FlatState();
const evm = FlatEvm.create(common, new TransactionState(new PlainView(state)), (number) => blockHashes[`${number}`]);

async function work({ buffer, capacity, count, environment, speculation }: BlockMessage): Promise<void> {
  const block = new SharedBlock(buffer, capacity);
  const hand = new Hand({
    ...{ block, count, environment, common, evm: await evm, before: state, speculation },
    untracked: new Set(untracked),
    idle: (seen) => waitForChange(block, seen),
    onExecute: fault === undefined ? undefined : () => failBy(fault),
  });
  try {
    await hand.run();
    say({ type: "left" });
  } catch (error) {
    const isExpected = error instanceof GivenUpError || error instanceof StoreFullError;
    if (!isExpected) block.stop();
    say({ type: "left", problem: isExpected ? undefined : String(error) });
  }
}

function failBy(kind: ThreadFault): void {
  switch (kind) {
    case "crash":
      process.exit(70);
      break;
    case "memory":
      for (const kept: number[][] = []; ;) kept.push(Array.from({ length: 100_000 }, (_, n) => n + kept.length));
    case "hang":
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
}

port.on("message", (message: ToWorker) => {
  if (message.type === "state") state.apply(message.changes);
  else void work(message);
});

void evm.then(() => say({ type: "ready" }));
