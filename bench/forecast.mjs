// `node bench/forecast.mjs`: how long 500 simulated runs of the fleet take.
import { run } from "../toolchain/bundle.mjs";

run("bench/forecast.ts");
