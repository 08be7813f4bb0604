// `npm run sweep:contracts -- deploys --runs 50` and `… -- kills`: what the tests do a few times, done many times.
import { root, run } from "../toolchain/bundle.mjs";
import packages from "../toolchain/packages.cjs";

await packages.ensurePackages(root);
process.exitCode = await run("tests/chain/support/sweep.ts").main(process.argv.slice(2));
