import type { Address } from "viem";

import type { AdminCall } from "../../besu/membership";
import type { SimulatedChain } from "./chain";
import type { Site } from "./sites";

/**
 * The private ports of a simulated network: votes are counted as Besu does, without waiting for the voters' turns to make
 * a block. More than half of the set change it.
 */
export class SimulatedAdmin {
  /** By voter and subject: true for adding. Those that have passed stand until they are discarded. */
  private readonly votes = new Map<Address, Map<Address, boolean>>();

  constructor(private readonly chain: SimulatedChain) {}

  /** Answers the calls that frames hold, a line each, as the command in a pod prints them. */
  answer({ address, enode }: Site, frames: readonly string[], nowMs: number): string {
    const own = this.votes.get(address) ?? new Map<Address, boolean>();
    this.votes.set(address, own);
    const results = frames.map((frame, id) => {
      const { method, params } = JSON.parse(unmask(Buffer.from(frame, "base64"))) as AdminCall;
      const [subject, add] = [String(params[0]).toLowerCase() as Address, params[1] === true];
      const answer = (result: unknown) => ({ jsonrpc: "2.0", id, result });
      switch (method) {
        case "qbft_proposeValidatorVote":
          own.set(subject, add);
          this.count(nowMs);
          return answer(true);
        case "qbft_discardValidatorVote":
          return answer(own.delete(subject));
        case "qbft_getPendingVotes":
          return answer(Object.fromEntries(own));
        case "qbft_getValidatorsByBlockNumber":
          return answer(this.chain.validators);
        case "admin_nodeInfo":
          return answer({ enode });
        case "admin_addPeer":
        case "admin_removePeer":
          return answer(true);
      }
    });
    return results.map((result) => `${JSON.stringify(result)}\n`).join("");
  }

  private count(nowMs: number): void {
    const set = this.chain.validators;
    const subjects = new Set([...this.votes.values()].flatMap((votes) => [...votes.keys()]));
    for (const subject of subjects) {
      const wanted = !set.includes(subject);
      const agree = set.filter((voter) => this.votes.get(voter)?.get(subject) === wanted).length;
      if (agree <= set.length / 2) continue;
      this.chain.elect(wanted ? [...set, subject] : set.filter((one) => one !== subject), nowMs);
      return;
    }
  }
}

/** The text of a client's frame, which is masked (RFC 6455, 5.2). */
function unmask(frame: Buffer): string {
  const at = ((frame[1] ?? 0) & 0x7f) === 126 ? 4 : 2;
  const mask = frame.subarray(at, at + 4);
  return Buffer.from(frame.subarray(at + 4).map((byte, i) => byte ^ (mask[i % 4] ?? 0))).toString();
}
