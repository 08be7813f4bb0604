import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "../../../contracts/client";
import type { SignedLine } from "../../../contracts/deploy/journal-lines";
import { send, TransactionRefusedError } from "../../../contracts/deploy/send";

const line: SignedLine = {
  type: "signed",
  name: "chain138-weth9",
  sender: "0x00000000000000000000000000000000000000AA",
  nonce: 0,
  hash: "0x00",
  transaction: "0x02",
  at: "",
};

/** Sends to a node that answers with this error, or hangs up without one. */
async function sendTo(message: string | undefined): Promise<string> {
  const server = createServer((_, response) => {
    if (message === undefined) response.destroy();
    else response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, error: { code: -32000, message } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await send(connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 0), line);
  } finally {
    server.close();
  }
}

// Messages of geth, Besu 26 and anvil 1.7.
test.each([
  ["already known", "accepted"],
  ["Known transaction", "accepted"],
  ["transaction already imported", "accepted"],
  ["nonce too low", "nonceUsed"],
  ["Nonce too low", "nonceUsed"],
  ["nonce too low: next nonce 5, tx nonce 4", "nonceUsed"],
  ["replacement transaction underpriced", "taken"],
  ["Replacement transaction underpriced", "taken"],
  ["max fee per gas less than block base fee", "feeTooLow"],
  ["transaction underpriced", "feeTooLow"],
  ["Gas price below configured minimum gas price", "feeTooLow"],
])('a node that says "%s" means %s', async (message, outcome) => {
  expect(await sendTo(message)).toBe(outcome);
});

test("a node that hangs up leaves it unknown", async () => {
  expect(await sendTo(undefined)).toBe("unknown");
});

test("any other refusal is an error in the node's words", async () => {
  await expect(sendTo("insufficient funds for gas * price + value")).rejects.toThrow(TransactionRefusedError);
  await expect(sendTo("Transaction gas limit cap exceeded")).rejects.toThrow("Transaction gas limit cap exceeded");
});
