import { headAgeLimitSeconds } from "../besu/head-age";

/** What an alert asks for: to be woken, to be looked at today, or to be known. */
export type Severity = "critical" | "warning" | "info";

/** An alert rule, for whatever evaluates PromQL. */
export interface AlertRule {
  /** `MeridianChainHalted` */
  readonly name: string;
  readonly severity: Severity;
  /** PromQL. */
  readonly expression: string;
  /** How long it must hold. */
  readonly forSeconds: number;
  /** One sentence; `{{ $labels.region }}` and the like are filled in. */
  readonly summary: string;
  /** Name of its page in docs/runbooks, without `.md`. */
  readonly runbook: string;
}

/** As much of a network as the rules depend on. */
export interface AlertSettings {
  readonly blockPeriodSeconds: number;
  readonly requestTimeoutSeconds: number;
  /** Validators of the whole network. */
  readonly validators: number;
  readonly regions: number;
}

/** The same, of a configuration. */
export const networkOf = ({ chain, regions }: NetworkConfiguration): AlertSettings => ({
  blockPeriodSeconds: chain.blockPeriodSeconds,
  requestTimeoutSeconds: chain.requestTimeoutSeconds,
  validators: regions.reduce((sum, { validators }) => sum + validators, 0),
  regions: regions.length,
});

interface NetworkConfiguration {
  readonly chain: Pick<AlertSettings, "blockPeriodSeconds" | "requestTimeoutSeconds">;
  readonly regions: readonly { readonly validators: number }[];
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** From this many round changes a block on it is no accident: one proposer in four is away (as in `meridian status`). */
const ROUND_CHANGES_A_BLOCK = 0.25;

/** Blocks that a validator may be behind the others before somebody should look. */
const BEHIND_BLOCKS = 10;

/** Turns that a validator has at least in the window over which missed ones are counted. */
const TURNS = 6;

/** Ready validators; a region that nobody watches has none. */
const READY = "sum(max by (region, ordinal) (meridian_validator_ready))";
const MARGIN = `${READY} - max(meridian_chain_quorum)`;

/** Seconds over which missed turns are counted, in whole minutes: half an hour, or several turns of every validator. */
export const missedWindowSeconds = ({ blockPeriodSeconds, validators }: AlertSettings): number =>
  Math.max(30 * MINUTE, Math.ceil((TURNS * validators * blockPeriodSeconds) / MINUTE) * MINUTE);

const messages = (name: string): string =>
  `sum(rate(besu_network_p2p_messages_inbound_total{protocol=~"istanbul/.*",name="${name}"}[5m]))`;

/** Every alert of a network, the gravest first. */
export function alertRules(settings: AlertSettings): readonly AlertRule[] {
  const { blockPeriodSeconds, requestTimeoutSeconds, regions } = settings;
  const haltSeconds = headAgeLimitSeconds(blockPeriodSeconds, requestTimeoutSeconds);
  const window = `${missedWindowSeconds(settings) / MINUTE}m`;
  const turns = (metric: string) => `max by (validator) (increase(${metric}[${window}]))`;
  return [
    {
      name: "MeridianChainHalted",
      severity: "critical",
      // The age of the head: a halted chain's nodes answer /readiness with 200 (measured, Besu 26.8.0).
      expression: `time() - max(besu_blockchain_chain_head_timestamp) > ${haltSeconds}`,
      forSeconds: MINUTE,
      summary: `No validator has a block younger than ${haltSeconds} s: the chain stands.`,
      runbook: "chain-halted",
    },
    {
      name: "MeridianBlind",
      severity: "critical",
      expression: "absent(besu_blockchain_chain_head_timestamp)",
      forSeconds: 5 * MINUTE,
      summary: "No metrics of any validator arrive: nobody would see the chain halt.",
      runbook: "blind",
    },
    {
      name: "MeridianQuorumMarginZero",
      severity: "critical",
      expression: `${MARGIN} <= 0`,
      forSeconds: 2 * MINUTE,
      summary: "No more validators are ready than a quorum needs: the next one that fails halts the chain.",
      runbook: "quorum-margin",
    },
    {
      name: "MeridianFork",
      severity: "critical",
      expression: "count by (number) (count by (number, hash) (meridian_checkpoint_info)) > 1",
      forSeconds: 0,
      summary: "Validators have different blocks at height {{ $labels.number }}.",
      runbook: "fork",
    },
    {
      name: "MeridianGenesisDiffers",
      severity: "critical",
      expression: "count(count by (genesis) (meridian_validator_info)) > 1",
      forSeconds: 5 * MINUTE,
      summary: "Validators run on different geneses.",
      runbook: "fork",
    },
    {
      name: "MeridianQuorumMarginOne",
      severity: "warning",
      // Four and five healthy validators have no more than a margin of 1: there it says something only when one is away.
      expression: `(${MARGIN} == 1) and (${READY} < max(meridian_chain_validators))`,
      forSeconds: 5 * MINUTE,
      summary: "One more validator may fail, then none.",
      runbook: "quorum-margin",
    },
    {
      name: "MeridianRoundsClimbing",
      severity: "warning",
      // No gauge tells the round. Messages are gossiped alike, and each block takes one round of commits.
      expression: `${messages("RoundChange")} / ${messages("Commit")} > ${ROUND_CHANGES_A_BLOCK}`,
      forSeconds: 5 * MINUTE,
      summary: `More than ${ROUND_CHANGES_A_BLOCK} round changes a block: proposers are away, or messages late.`,
      runbook: "rounds-climbing",
    },
    {
      name: "MeridianValidatorMissesProposals",
      severity: "warning",
      expression: `(${turns("meridian_missed_proposals_total")} > 2) and (${turns("meridian_missed_proposals_total")} > ${turns("meridian_proposed_blocks_total")})`,
      forSeconds: 5 * MINUTE,
      summary: "Validator {{ $labels.validator }} misses more of its turns than it makes blocks.",
      runbook: "missed-proposals",
    },
    {
      name: "MeridianValidatorDown",
      severity: "warning",
      expression: "max by (region, ordinal) (meridian_validator_up) == 0",
      forSeconds: 10 * MINUTE,
      summary: "Validator {{ $labels.ordinal }} in {{ $labels.region }} does not answer.",
      runbook: "validator-down",
    },
    {
      name: "MeridianValidatorBehind",
      severity: "warning",
      expression: `scalar(max(meridian_validator_head)) - max by (region, ordinal) (meridian_validator_head) > ${BEHIND_BLOCKS}`,
      forSeconds: 10 * MINUTE,
      summary: `Validator {{ $labels.ordinal }} in {{ $labels.region }} is more than ${BEHIND_BLOCKS} blocks behind.`,
      runbook: "validator-behind",
    },
    {
      name: "MeridianRegionUnwatched",
      severity: "warning",
      expression: `count(count by (region) (meridian_validator_up)) < ${regions}`,
      forSeconds: 10 * MINUTE,
      summary: `Fewer than ${regions} regions have an exporter that tells of them.`,
      runbook: "blind",
    },
    {
      name: "MeridianPeersMissing",
      severity: "warning",
      // Of all that answer, as in `meridian status`; N-2 for a minute after a start is usual (measured, Besu 26.8.0).
      expression:
        "max by (region, ordinal) (meridian_validator_peers) < scalar(sum(max by (region, ordinal) (meridian_validator_up))) - 1",
      forSeconds: 10 * MINUTE,
      summary: "Validator {{ $labels.ordinal }} in {{ $labels.region }} lacks peers that others can reach.",
      runbook: "peers-missing",
    },
    {
      name: "MeridianDiskAlmostFull",
      severity: "critical",
      expression: `min by (cluster, persistentvolumeclaim) (${disk("available")} / ${disk("capacity")}) < 0.1`,
      forSeconds: 10 * MINUTE,
      summary: "Less than a tenth of {{ $labels.persistentvolumeclaim }} is free.",
      runbook: "disk",
    },
    {
      name: "MeridianDiskFills",
      severity: "warning",
      expression: `min by (cluster, persistentvolumeclaim) (predict_linear(${disk("available")}[6h], ${4 * DAY})) < 0`,
      forSeconds: HOUR,
      summary: "At the pace of the last six hours {{ $labels.persistentvolumeclaim }} is full within four days.",
      runbook: "disk",
    },
    {
      name: "MeridianExpiresVerySoon",
      severity: "critical",
      expression: expiresWithin(7),
      forSeconds: HOUR,
      summary: "{{ $labels.name }} in {{ $labels.region }} ends within 7 days.",
      runbook: "expiry",
    },
    {
      name: "MeridianExpiresSoon",
      severity: "warning",
      expression: expiresWithin(30),
      forSeconds: HOUR,
      summary: "{{ $labels.name }} in {{ $labels.region }} ends within 30 days.",
      runbook: "expiry",
    },
    {
      name: "MeridianVersionSkew",
      severity: "warning",
      expression: "count(count by (version) (meridian_validator_info)) > 1",
      forSeconds: 2 * HOUR,
      summary: "Validators have run several versions of Besu for two hours.",
      runbook: "version-skew",
    },
    {
      name: "MeridianValidatorSetChanged",
      severity: "info",
      expression: "max by (change) (increase(meridian_validator_set_changes_total[15m])) > 0",
      forSeconds: 0,
      summary: "Validators were {{ $labels.change }}: the quorum has changed.",
      runbook: "validator-set-changed",
    },
  ];
}

/** A validator's disk, as the kubelet sees it. */
function disk(what: "available" | "capacity"): string {
  return `kubelet_volume_stats_${what}_bytes{namespace="besu",persistentvolumeclaim=~"data-validator-.*"}`;
}

function expiresWithin(days: number): string {
  return `min by (region, name) (meridian_expiry_timestamp_seconds) - time() < ${days * DAY}`;
}
