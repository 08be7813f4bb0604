import { formatEther, formatGwei } from "viem/utils";
import type { PlannedCall } from "../calls";
import type { DeployMode } from "../deploy/deploy";
import type { PlannedContract } from "../plan";
import { TRANSACTION_GAS_CAP } from "../gas";
import { splitIntoBlocks } from "./blocks";
import type { ChainOutlook, SeenChain } from "./outlook";

/** One contract or call of a plan as people read it. */
export interface PlanLine {
  readonly chain: string;
  /** Place in the order, from 1: batch, then calls. */
  readonly step: number;
  readonly name: string;
  /** Where it will be, or what is called. */
  readonly address: string;
  /** `deploy`, `there`, `adopt`, `other code`, `call`, `done`, or `unknown`. */
  readonly action: string;
  /** Block of the deployment, counted from the first; null when none is needed or it cannot be told. */
  readonly block: number | null;
  /** In decimal; null when it cannot be told. */
  readonly gas: string | null;
  /** Ether at the current price; null when it cannot be told. */
  readonly cost: string | null;
}

/** A chain's plan with what it takes. */
export interface PlanView {
  readonly chain: string;
  /** One sentence: state of the chain, gas, cost, blocks. */
  readonly summary: string;
  /** What will go wrong; empty when nothing will. */
  readonly warnings: readonly string[];
  readonly lines: readonly PlanLine[];
}

const actions = { there: "there", absent: "deploy", other: "other code", unknown: "unknown" } as const;

function actionOf(planned: PlannedContract, state: SeenChain["contracts"][number]["state"] | undefined): string {
  if (planned.adopt === undefined) return actions[state ?? "unknown"];
  switch (state) {
    case "there":
      return "adopt";
    case "absent":
      return "missing";
    case "other":
      return "other code";
    default:
      return "adopt";
  }
}

const grouped = (value: bigint): string => value.toString().replace(/\B(?=(\d{3})+$)/g, ",");

/**
 * Puts a plan and what the chain says of it together: order, addresses, gas, cost and blocks. Pure.
 *
 * @param outlook undefined when the chain was not asked
 */
export function viewOf(
  chain: string,
  plan: readonly PlannedContract[],
  calls: readonly PlannedCall[],
  mode: DeployMode,
  outlook: ChainOutlook | undefined,
): PlanView {
  const seen = outlook?.reachable === true ? outlook : undefined;
  const contracts = new Map(seen?.contracts.map((each) => [each.name, each]));
  const price = BigInt(seen?.gasPrice ?? 0);
  const missing = plan.filter(({ name, adopt }) => contracts.get(name)?.state === "absent" && adopt === undefined);
  const gasOf = (name: string): bigint | null => {
    const gas = contracts.get(name)?.gas;
    return gas === null || gas === undefined ? null : BigInt(gas);
  };
  const needs = missing.map(({ name, batch }) => ({ name, batch, gas: gasOf(name) }));
  const { blocks, tooLarge } = splitIntoBlocks(needs, BigInt(seen?.blockGasLimit ?? 0), mode === "batches");
  const blockOf = (name: string): number | null => {
    const index = blocks.findIndex((names) => names.includes(name));
    return index < 0 ? null : index + 1;
  };
  const last = Math.max(0, ...plan.map(({ batch }) => batch + 1));
  const done = new Map(seen?.calls.map((each) => [each.name, each.done]));
  const lines = [
    ...plan
      .toSorted((a, b) => a.batch - b.batch)
      .map((planned): PlanLine => {
        const { name, address, batch } = planned;
        const gas = gasOf(name);
        return {
          chain,
          step: batch + 1,
          name,
          address,
          action: actionOf(planned, contracts.get(name)?.state),
          block: blockOf(name),
          gas: gas?.toString() ?? null,
          cost: gas === null ? null : formatEther(gas * price),
        };
      }),
    ...calls.map(({ name, to }, index): PlanLine => {
      const action = seen === undefined ? "unknown" : done.get(name) === true ? "done" : "call";
      return { chain, step: last + 1 + index, name, address: to, action, block: null, gas: null, cost: null };
    }),
  ];
  const due = lines.filter(({ action }) => action === "call").length;
  const summary =
    seen === undefined
      ? `${chain}: ${plan.length} contracts; what is there, gas and cost are unknown (${outlook?.reachable === false ? outlook.reason : "no RPC address"})`
      : summaryOf(
          seen,
          missing.length,
          plan.length,
          due,
          needs.map(({ gas }) => gas),
          blocks.length,
        );
  const most = `a transaction may use ${grouped(TRANSACTION_GAS_CAP)} gas, and a block has ${grouped(BigInt(seen?.blockGasLimit ?? 0))}`;
  const warnings = [
    ...(seen?.wiped === true
      ? [
          `${chain} has another genesis than its journal: it was begun anew. It will be refused until the journal is moved away.`,
        ]
      : []),
    ...tooLarge.map((name) => `${name} needs ${grouped(gasOf(name) ?? 0n)} gas: ${most}. It will be refused.`),
    ...lines
      .filter(({ action }) => action === "other code")
      .map(({ name, address }) => `Another code is at ${address}, where ${name} belongs. It will be refused.`),
    ...lines
      .filter(({ action }) => action === "missing")
      .map(
        ({ name, address }) => `There is no code at ${address}, where ${name} is to be adopted. It will be refused.`,
      ),
  ];
  return { chain, summary, warnings, lines };
}

function summaryOf(
  { chain, block, gasPrice, blockGasLimit }: SeenChain,
  missing: number,
  all: number,
  due: number,
  gas: readonly (bigint | null)[],
  blocks: number,
): string {
  const calls = due === 0 ? "" : `, ${due} ${due === 1 ? "call" : "calls"} to make`;
  const begin = `${chain} at block ${block}: ${missing} of ${all} contracts to deploy${calls}`;
  if (missing === 0) return begin;
  const known = gas.filter((each) => each !== null);
  const sum = known.reduce((total, each) => total + each, 0n);
  const without = gas.length - known.length;
  const amount = `${without > 0 ? "more than " : ""}${grouped(sum)} gas`;
  const price = BigInt(gasPrice);
  const cost = `${formatEther(sum * price)} ETH at ${formatGwei(price)} gwei`;
  return `${begin}, ${amount}, ${cost}, ${blocks} ${blocks === 1 ? "block" : "blocks"} of ${grouped(BigInt(blockGasLimit))} gas`;
}

/** A plan's lines as rows of a table, with a heading. Pure. */
export function planRows(lines: readonly PlanLine[]): string[][] {
  const row = ({ step, name, address, action, block, gas, cost }: PlanLine): string[] => [
    String(step),
    name,
    address,
    action,
    block === null ? "" : String(block),
    gas === null ? "" : grouped(BigInt(gas)),
    cost ?? "",
  ];
  return [["STEP", "NAME", "ADDRESS", "ACTION", "BLOCK", "GAS", "ETH"], ...lines.map(row)];
}
