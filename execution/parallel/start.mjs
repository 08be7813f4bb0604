// What a worker thread is started with: it runs worker.ts.
import { run } from "../../toolchain/bundle.mjs";

run("execution/parallel/worker.ts");
