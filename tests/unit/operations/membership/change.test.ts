import type { Address } from "viem";

import type { AdminCall } from "../../../../besu/membership";
import type { AdminCalls } from "../../../../operations/membership/admin";
import { changeMembership, type MembershipSide, nameOf } from "../../../../operations/membership/change";
import type { OperatedValidator } from "../../../../operations/regions/network";
import type { ValidatorReport } from "../../../../operations/regions/validators";

const regions = ["japaneast", "uksouth", "eastus", "westus", "francecentral", "brazilsouth"];
const addressOf = (i: number): Address => `0x${(i + 1).toString(16).padStart(40, "0")}`;
const all = regions.map((region): OperatedValidator => ({ region, ordinal: 0, url: "" }));

/**
 * A network that counts votes as Besu does: a node votes in the blocks that it makes, for what it was told, as long as
 * the set is not so; a vote that was not discarded works again later.
 */
class FakeNetwork {
  set: Address[];
  readonly calls: { readonly name: string; readonly call: AdminCall }[] = [];
  readonly standing = new Map<string, Map<string, boolean>>();
  /** Tallies votes at each look at the set, as blocks would. */
  private count(): void {
    for (const address of all.map((_, i) => addressOf(i))) {
      const inSet = this.set.includes(address);
      const votes = all.filter((one, i) => {
        return this.set.includes(addressOf(i)) && this.standing.get(nameOf(one))?.get(address) === !inSet;
      });
      if (votes.length <= this.set.length / 2) continue;
      this.set = inSet ? this.set.filter((one) => one !== address) : [...this.set, address];
    }
  }

  constructor(
    inSet: number,
    private readonly broken: (name: string, call: AdminCall) => void = () => undefined,
    /** Looks that a newcomer still needs until it is in sync. */
    public behind = 0,
  ) {
    this.set = all.slice(0, inSet).map((_, i) => addressOf(i));
  }

  private readonly admin: AdminCalls = {
    call: async (validator, calls) => {
      const name = nameOf(validator);
      return Promise.resolve(
        calls.map((call) => {
          this.broken(name, call);
          this.calls.push({ name, call });
          const votes = this.standing.get(name) ?? new Map<string, boolean>();
          this.standing.set(name, votes);
          const [subject, add] = call.params;
          switch (call.method) {
            case "admin_nodeInfo":
              return { enode: `enode://${name}` };
            case "qbft_proposeValidatorVote":
              votes.set(String(subject), add === true);
              return true;
            case "qbft_discardValidatorVote":
              return votes.delete(String(subject));
            case "qbft_getValidatorsByBlockNumber":
              this.count();
              return this.set;
            case "qbft_getPendingVotes":
              return Object.fromEntries(votes);
            default:
              return true;
          }
        }),
      );
    },
  };

  get side(): MembershipSide {
    const report = (one: OperatedValidator): ValidatorReport => {
      const i = all.indexOf(one);
      const newcomer = !this.set.includes(addressOf(i));
      const lag = newcomer && this.behind > 0 ? 50 : 0;
      if (newcomer) this.behind -= 1;
      const head = { number: 100 - lag, hash: "0x", timestampMs: 0, proposer: "0x", round: 0 };
      const seen = { region: one.region, ordinal: 0, head, seenAtMs: 0, syncing: lag > 0, peers: 5 };
      return { ...seen, version: "", genesisHash: "", address: addressOf(i), blocks: [head], parallel: undefined };
    };
    const look = (one: OperatedValidator) => Promise.resolve(report(one));
    return { admin: this.admin, validators: { look, report: look }, all, allowSingleRegionHalt: false };
  }

  /** `name method` of each call that changes something. */
  get changes(): string[] {
    const reads = ["admin_nodeInfo", "qbft_getValidatorsByBlockNumber"];
    return this.calls.flatMap(({ name, call }) => (reads.includes(call.method) ? [] : [`${name} ${call.method}`]));
  }

  get votesLeft(): number {
    return [...this.standing.values()].reduce((sum, votes) => sum + votes.size, 0);
  }
}

const limits = { timeoutMs: 30_000, pollMs: 1 };

test("an admission: living nodes are told, the newcomer is waited for, votes are cast and taken back", async () => {
  const network = new FakeNetwork(5, undefined, 4);
  const [result, ...more] = await changeMembership(network.side, "admit", ["brazilsouth/0"], limits);

  expect(more).toEqual([]);
  expect(result).toMatchObject({ before: 5, after: 6, untold: [] });
  expect(network.behind).toBeLessThanOrEqual(0);
  expect(network.set).toContain(addressOf(5));
  expect(network.votesLeft).toBe(0);
  const voters = ["japaneast/0", "uksouth/0", "eastus/0"];
  expect(network.changes).toEqual([
    ...regions.slice(0, 5).map((region) => `${region}/0 admin_addPeer`),
    ...voters.map((name) => `${name} qbft_proposeValidatorVote`),
    ...voters.map((name) => `${name} qbft_discardValidatorVote`),
  ]);
});

test("dismissed, each by itself; peers forget it after its vote, and it can be admitted again", async () => {
  const network = new FakeNetwork(6);
  const done = await changeMembership(network.side, "dismiss", ["japaneast/0", "brazilsouth/0"], limits);

  expect(done.map(({ name, before, after }) => [name, before, after])).toEqual([
    ["japaneast/0", 6, 5],
    ["brazilsouth/0", 5, 4],
  ]);
  const firstForgotten = network.changes.findIndex((change) => change.endsWith("admin_removePeer"));
  expect(network.changes.slice(0, firstForgotten)).toContain("uksouth/0 qbft_proposeValidatorVote");
  expect(network.changes.filter((change) => change.endsWith("admin_removePeer"))).toHaveLength(10);

  await changeMembership(network.side, "admit", ["japaneast/0"], limits);
  // No vote of the dismissal is left to undo it.
  await network.side.admin.call(all[1]!, [{ method: "qbft_getValidatorsByBlockNumber", params: ["latest"] }], signal());
  expect(network.set).toContain(addressOf(0));
  expect(network.set).toHaveLength(5);
});

test("the next vote is planned by a set that has the last change, though the first to be asked is a block behind", async () => {
  const network = new FakeNetwork(6);
  const { side } = network;
  let stale: Address[] | undefined = [...network.set];
  const late: MembershipSide = {
    ...side,
    admin: {
      call: async (validator, calls, inner) => {
        const answers = await side.admin.call(validator, calls, inner);
        if (calls[0]?.method !== "qbft_getValidatorsByBlockNumber" || network.set.length !== 5) return answers;
        // Who is waited for, a voter, tells the new set; the one that is asked after that still the old one, once.
        const told = network.votesLeft > 0 ? network.set : (stale ?? network.set);
        if (network.votesLeft === 0) stale = undefined;
        return [told];
      },
    },
  };
  const done = await changeMembership(late, "dismiss", ["japaneast/0", "brazilsouth/0"], limits);

  expect(stale).toBeUndefined();
  expect(done.map(({ before, after, voters }) => [before, after, voters.length])).toEqual([
    [6, 5, 4],
    [5, 4, 3],
  ]);
});

test("run again, it does nothing more", async () => {
  const network = new FakeNetwork(6);
  await changeMembership(network.side, "dismiss", ["japaneast/0"], limits);
  const before = network.changes.length;

  await expect(changeMembership(network.side, "dismiss", ["japaneast/0"], limits)).resolves.toEqual([]);
  expect(network.changes).toHaveLength(before);
});

test("votes that do not pass in time are taken back, and that is said", async () => {
  // The vote is heard and lost: the set never changes.
  const network = new FakeNetwork(6);
  const lost = network.side;
  const deaf: MembershipSide = {
    ...lost,
    admin: {
      call: async (validator, calls, inner) => {
        const answers = await lost.admin.call(validator, calls, inner);
        return calls[0]?.method === "qbft_getValidatorsByBlockNumber" ? [all.map((_, i) => addressOf(i))] : answers;
      },
    },
  };
  const changing = changeMembership(deaf, "dismiss", ["japaneast/0"], { ...limits, timeoutMs: 50 });

  await expect(changing).rejects.toThrow("japaneast/0: not done within 0.05 s. Its votes were taken back.");
  expect(network.votesLeft).toBe(0);
});

test("a voter that refuses ends it, and the votes of the others are taken back", async () => {
  const network = new FakeNetwork(6, (name, { method }) => {
    if (name === "eastus/0" && method === "qbft_proposeValidatorVote") throw new Error("eastus/0 is gone");
  });
  await expect(changeMembership(network.side, "dismiss", ["japaneast/0"], limits)).rejects.toThrow("eastus/0 is gone");

  expect(network.votesLeft).toBe(0);
  expect(network.set).toHaveLength(6);
});

test("a peer that cannot be told is named, and keeps nobody from joining", async () => {
  const network = new FakeNetwork(5, (name, { method }) => {
    if (name === "westus/0" && method === "admin_addPeer") throw new Error("westus/0 is busy");
  });
  const [result] = await changeMembership(network.side, "admit", ["brazilsouth/0"], limits);

  expect(result?.untold).toEqual(["westus/0"]);
  expect(network.set).toHaveLength(6);
});

test("interrupted while it waits, votes are taken back as well", async () => {
  const controller = new AbortController();
  const network = new FakeNetwork(6, (_, { method }) => {
    if (method === "qbft_proposeValidatorVote") controller.abort(new Error("Ctrl-C"));
  });
  const options = { ...limits, signal: controller.signal };
  await expect(changeMembership(network.side, "dismiss", ["japaneast/0"], options)).rejects.toThrow("Ctrl-C");

  expect(network.votesLeft).toBe(0);
});

const signal = () => new AbortController().signal;
