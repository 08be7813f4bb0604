import type { PlannedCall } from "./calls";
import type { DeployMode } from "./deploy/deploy";
import type { PolicySettings } from "./deploy/policy";
import type { ChainOutlook } from "./outlook/outlook";
import { saltOf, type PlannedContract } from "./plan";

/** What the command lines of a chain share; nothing secret. */
export interface LineSettings extends PolicySettings {
  /**
   * Path of a suite (docs/contracts.md), YAML or JSON, absolute or relative to the checkout.
   * @default Meridian's own nine contracts
   */
  readonly suite?: string;
  /** Which of the suite's chains. */
  readonly chain: string;
  /** Salt of every CREATE2 address: any text, or 32 bytes as `0x…`. */
  readonly salt: string;
  /** Account that owns what has an owner. */
  readonly owner: string;
  /** Owners of the MultiSig. @default the owner alone */
  readonly signers?: readonly string[];
  /** Confirmations that the MultiSig wants. @default more than half of the signers */
  readonly threshold?: number;
  /**
   * `batches`: a batch waits for the whole one before it. `dataflow`: no barrier; each deployment sends what it needs
   * and does not find first, so that everything may be in one block.
   * @default "batches"
   */
  readonly mode?: DeployMode;
}

/** Programs that Commands run. */
type Program = "deploy" | "verify" | "wait" | "perform";

/** A path with spaces or signs of the shell in quotes. */
const quoted = (value: string): string => (/^[\w./:,-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`);

/** Relative to the checkout, where the engine runs commands, so that it is the same on every machine. */
function programLine(program: Program, options: Readonly<Record<string, string | undefined>>): string {
  const flags = Object.entries(options).flatMap(([flag, value]) =>
    value === undefined ? [] : [`--${flag} ${quoted(value)}`],
  );
  return [`node contracts/bin/${program}.mjs`, ...flags].join(" ");
}

/** The salt as bytes needs no quoting. */
const settingsOf = ({ salt, owner, signers, threshold }: LineSettings) => ({
  salt: saltOf(salt),
  owner,
  signers: signers?.join(","),
  threshold: threshold?.toString(),
});

/** For what signs: a deployment, or a call. */
const policyOf = (settings: PolicySettings) => ({
  "max-fee-gwei": settings.maxFeeGwei?.toString(),
  "max-priority-fee-gwei": settings.maxPriorityFeeGwei?.toString(),
  "replace-after-blocks": settings.replaceAfterBlocks?.toString(),
  confirmations: settings.confirmations?.toString(),
});

/** Deploys or verifies a planned contract. */
export const contractLine = (program: "deploy" | "verify", planned: PlannedContract, settings: LineSettings): string =>
  programLine(program, {
    suite: settings.suite,
    chain: planned.chain,
    contract: planned.contract,
    ...settingsOf(settings),
    address: planned.address,
    ...(program === "deploy" && { mode: settings.mode, ...policyOf(settings) }),
  });

/** Makes a planned call; the digest is there so that another call is another line. */
export const callLine = (planned: PlannedCall, settings: LineSettings): string =>
  programLine("perform", {
    suite: settings.suite,
    chain: planned.chain,
    call: planned.call,
    ...settingsOf(settings),
    digest: planned.digest,
    ...policyOf(settings),
  });

/** Waits until the chain makes blocks. */
export const waitLine = ({ suite, chain }: Pick<LineSettings, "suite" | "chain">): string =>
  programLine("wait", { suite, chain });

/**
 * What a Command is run again for: what it is, and what its chain was seen to have. The second is kept from the last
 * time (`ignoreChanges`) while the chain is as it should be or cannot be asked; what the chain lacks shows as a change.
 */
export interface Observed {
  readonly triggers: readonly string[];
  readonly ignoreChanges: readonly string[];
}

const KEPT = ["triggers[1]"];

/** What a contract's Commands are run again for. Pure. */
export function contractTriggers(
  { name, address, initCodeHash, adopt }: PlannedContract,
  outlook?: ChainOutlook,
): Observed {
  const first = adopt?.codeHash ?? initCodeHash;
  const seen = outlook?.reachable === true ? outlook : undefined;
  const contract = seen?.contracts.find((each) => each.name === name);
  switch (contract?.state) {
    case "absent":
      return { triggers: [first, `${address}: no code ${at(seen)}`], ignoreChanges: [] };
    case "other":
      return { triggers: [first, `${address}: code ${contract.codeHash ?? ""}`], ignoreChanges: [] };
    case "there":
    case "unknown":
    case undefined:
      return { triggers: [first, address], ignoreChanges: KEPT };
  }
}

/** What a call's Command is run again for. Pure. */
export function callTriggers({ name, digest }: PlannedCall, outlook?: ChainOutlook): Observed {
  const seen = outlook?.reachable === true ? outlook : undefined;
  const due = seen?.calls.find((each) => each.name === name)?.done === false;
  return due
    ? { triggers: [digest, `needed ${at(seen)}`], ignoreChanges: [] }
    : { triggers: [digest, "done"], ignoreChanges: KEPT };
}

/** Says when something was seen, so that what is missing for a second time is a change again. */
const at = (seen: { readonly block: number; readonly blockHash: string } | undefined): string =>
  `at block ${seen?.block ?? 0} (${seen?.blockHash ?? ""})`;
