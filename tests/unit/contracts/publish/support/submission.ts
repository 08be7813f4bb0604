import type { Requester } from "../../../../../contracts/publish/requester";
import { Requester as TheRequester, type RequesterOptions } from "../../../../../contracts/publish/requester";
import type { Submission } from "../../../../../contracts/publish/submission";
import { VirtualClock } from "./clock";

/** A key that must never be seen; with a sign that a URL writes differently. */
export const key = "SECRET+key/of=tests";

export const submission: Submission = {
  name: "chain1-weth9",
  chainId: 1,
  address: "0x00000000000000000000000000000000000000AA",
  identifier: "contracts/src/WETH9.sol:WETH9",
  compilerVersion: "0.8.30+commit.73712a01",
  input: {
    language: "Solidity",
    sources: { "contracts/src/WETH9.sol": { content: "contract WETH9 {}" } },
    settings: {
      remappings: [],
      optimizer: { enabled: true, runs: 200 },
      evmVersion: "prague",
      outputSelection: {},
    },
  },
  libraries: {},
  constructorArguments: `${"0".repeat(63)}1`,
  licenseType: 12,
};

/** A requester on a clock of its own, at ten requests a second. */
export function requesterWith(options: Partial<RequesterOptions> = {}): { requester: Requester; clock: VirtualClock } {
  const clock = new VirtualClock();
  const rate = { intervalMs: 100, burst: 1 };
  return { clock, requester: new TheRequester({ rate, clock, requestTimeoutMs: 20_000, secrets: [key], ...options }) };
}
