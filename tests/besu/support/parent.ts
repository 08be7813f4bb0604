// A process that starts a network as chain 138 and then does nothing: tests/besu/chain.test.ts kills it.
import { startBesuChain } from "../../../operations/local-chain";
import { findLocalNetwork } from "../../../operations/local-network";
import { pidOf } from "../../../operations/local-node";
import { findBesu } from "../../../toolchain/besu";
import { freeNodePorts } from "../../support/node-ports";

void (async () => {
  const folder = process.env.MERIDIAN_TEST_FOLDER ?? "";
  const ports = await freeNodePorts(1);
  const besu = await findBesu();
  const chain = await startBesuChain({ folder, besu, validators: 1, ports });
  const pids = findLocalNetwork(folder)?.nodes.map(pidOf);
  process.stdout.write(`${JSON.stringify({ rpcUrl: chain.rpcUrl, pids })}\n`);
  setInterval(() => undefined, 1_000);
})();
