// What a worker thread is started with: it runs worker.ts.
import { run } from "../../../toolchain/bundle.mjs";

run("contracts/batch/evm/worker.ts", { inlinePackages: true });
