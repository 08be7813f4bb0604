import type { Address, Hex } from "viem";

import { quorum } from "../regions/quorum";
import { sortValidators } from "./extra-data";
import { createGenesis, type Genesis, type GenesisOptions } from "./genesis";
import { genesisHash } from "./genesis-hash";
import { renderCall, voteOn, votesNeeded } from "./membership";

/** What a stack records at its first deployment; public, and plain JSON. */
export interface GenesisRecord {
  /** Initial validators, ascending. */
  readonly validators: readonly Address[];
  /** Hash of block 0, as every node reports it. */
  readonly genesisHash: Hex;
  readonly chainId: number;
  readonly blockPeriodSeconds: number;
  readonly requestTimeoutSeconds: number;
  readonly epochLength: number;
}

/** What a wanted configuration means for a chain that is recorded. */
export type FreezeVerdict =
  /** The same genesis, and nobody comes or goes. */
  | { readonly kind: "same" }
  /** The genesis stays as recorded; these validators are voted in or out. */
  | {
      readonly kind: "votes";
      /** In the configuration and not in the genesis. */
      readonly joining: readonly Address[];
      /** In the genesis and no longer in the configuration. */
      readonly leaving: readonly Address[];
      /** What an operator has to do, one step a line. */
      readonly steps: readonly string[];
    }
  /** Nothing may be deployed. */
  | { readonly kind: "refused"; readonly reasons: readonly string[] };

/** What to record of a genesis at the first deployment. */
export function recordGenesis(genesis: Genesis, validators: readonly Address[]): GenesisRecord {
  const { chainId, qbft } = genesis.config;
  return {
    validators: sortValidators(validators),
    genesisHash: genesisHash(genesis),
    chainId,
    blockPeriodSeconds: qbft.blockperiodseconds,
    requestTimeoutSeconds: qbft.requesttimeoutseconds,
    epochLength: qbft.epochlength,
  };
}

/**
 * Compares a configuration with the genesis that is frozen.
 *
 * A node refuses a database whose genesis has another hash, and silently accepts another timing, so that nodes would
 * disagree: both are refused. Another set of validators is not another genesis: {@link frozenGenesis} keeps the initial
 * ones, and the rest is votes. It is refused when fewer validators than the quorum would be left before the votes.
 *
 * @param wanted what the configuration says now, with every validator that is configured
 * @throws {InvalidGenesisError} {InvalidValidatorSetError} as {@link createGenesis} does.
 */
export function compareWithFrozen(record: GenesisRecord, wanted: GenesisOptions): FreezeVerdict {
  const initial = sortValidators(record.validators);
  const configured = sortValidators(wanted.validators);
  const now = recordGenesis(createGenesis({ ...wanted, validators: initial }), initial);
  const joining = configured.filter((address) => !initial.includes(address));
  const leaving = initial.filter((address) => !configured.includes(address));

  const reasons = [...changedSettings(record, now), ...tooManyLeave(initial.length, leaving.length)];
  if (reasons.length > 0) return { kind: "refused", reasons };
  if (joining.length + leaving.length === 0) return { kind: "same" };
  return { kind: "votes", joining, leaving, steps: stepsFor(initial.length, joining, leaving) };
}

/** The genesis that every node gets for ever, a validator that joins late too: with the recorded validators alone. */
export const frozenGenesis = (record: GenesisRecord, wanted: GenesisOptions): Genesis =>
  createGenesis({ ...wanted, validators: record.validators });

/** The settings that may not change, with the reason. */
const FROZEN = {
  chainId: "transactions signed for one chain id are refused under another",
  blockPeriodSeconds: "Besu accepts it silently, and nodes with the old value disagree",
  requestTimeoutSeconds: "Besu accepts it silently, and nodes with the old value change rounds at other times",
  epochLength: "nodes with the old value drop votes at other blocks",
} as const;

function changedSettings(record: GenesisRecord, now: GenesisRecord): string[] {
  const reasons = Object.entries(FROZEN).flatMap(([name, why]) => {
    const [before, after] = [record[name as keyof typeof FROZEN], now[name as keyof typeof FROZEN]];
    return before === after ? [] : [`${name} is ${after} and the chain was made with ${before}: ${why}.`];
  });
  if (record.genesisHash !== now.genesisHash) {
    const why = "nodes refuse a database of another genesis";
    const cause = "The block gas limit, or what is in the accounts of block 0, has changed";
    reasons.push(
      `The genesis hash would be ${now.genesisHash} and the chain's is ${record.genesisHash}: ${why}. ${cause}.`,
    );
  }
  return reasons;
}

function tooManyLeave(validators: number, leaving: number): string[] {
  const left = validators - leaving;
  if (left >= quorum(validators)) return [];
  return [
    `${leaving} of the ${validators} initial validators would stop, and ${left} are less than the quorum of ${quorum(validators)}: the chain would halt. Vote them out first, a few at a time.`,
  ];
}

/**
 * Where and how: docs/regions.md. A newcomer has no wei in the genesis, and the living nodes do not know it; a validator
 * that gives its 1 wei away has sent a transaction, and stays an account that is not empty.
 */
function stepsFor(validators: number, joining: readonly Address[], leaving: readonly Address[]): string[] {
  const voters = `${votesNeeded(validators)} of ${validators} validators`;
  return [
    ...joining.flatMap((address) => [
      `${address} joins: call admin_addPeer with its enode (the stack's output "validators") on every living node, and let it synchronise.`,
      `${address} joins: send it 1 wei, which a living validator's account has, or none of its blocks can be executed in parallel.`,
      `${address} joins: on ${voters}, call ${renderCall(voteOn(address, "add"))}. npx meridian validators admit does this, and the first.`,
    ]),
    ...leaving.map(
      (address) =>
        `${address} leaves: on ${voters}, call ${renderCall(voteOn(address, "remove"))}, before it is stopped: npx meridian validators dismiss ${address}`,
    ),
  ];
}
