// A process that starts a chain and then does nothing: tests/chain/chains.test.ts kills it.
import { startChain138 } from "./chains";

void startChain138({ blockTimeSeconds: 1 }).then(({ pid }) => {
  process.stdout.write(`${pid}\n`);
  setInterval(() => undefined, 1_000);
});
