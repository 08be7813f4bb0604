import type { AlertSettings } from "../../monitoring/alerts";

/** The network of the cases: five regions with a validator each, so that the quorum is 4. */
export const settings: AlertSettings = { blockPeriodSeconds: 2, requestTimeoutSeconds: 4, validators: 5, regions: 5 };

/** Input series by name, with values as promtool writes them, a minute apart: `0+60x20` is 0, 60, … 1200. */
export type Input = Readonly<Record<string, string>>;

/** What a rule has to do with some metrics. */
export interface AlertCase {
  readonly alert: string;
  /** A sentence that goes on with "when". */
  readonly when: string;
  readonly input: Input;
  /** Minutes from the beginning. @default 30 */
  readonly atMinutes?: number;
  /** Labels of each alert that fires, without its severity; none where it must not. */
  readonly fires: readonly Readonly<Record<string, string>>[];
}

const regions = ["a", "b", "c", "d", "e"];
const hour = 60;
const DAY = 86_400;

const of = (metric: string, values: readonly string[], more = ""): Input =>
  Object.fromEntries(values.map((value, i) => [`${metric}{region="${regions[i] ?? ""}",ordinal="0"${more}}`, value]));

const head = (value: string): Input => of("besu_blockchain_chain_head_timestamp", [value, value, value, value, value]);
const ready = (values: readonly string[], validators = "5", quorum = "4"): Input => ({
  ...of("meridian_validator_ready", values),
  "meridian_chain_quorum{}": `${quorum}x2000`,
  "meridian_chain_validators{}": `${validators}x2000`,
});
const on = "1x2000";
const off = "0x2000";

const inbound = (name: string, value: string): Input => ({
  [`besu_network_p2p_messages_inbound_total{name="${name}",protocol="istanbul/100"}`]: value,
});
const turns = (proposed: string, missed: string): Input => ({
  'meridian_proposed_blocks_total{region="a",validator="0x1"}': proposed,
  'meridian_missed_proposals_total{region="a",validator="0x1"}': missed,
  'meridian_proposed_blocks_total{region="b",validator="0x1"}': proposed,
  'meridian_missed_proposals_total{region="b",validator="0x1"}': missed,
});
const info = (label: string, values: readonly string[]): Input =>
  Object.fromEntries(
    values.map((value, i) => [`meridian_validator_info{region="${regions[i] ?? ""}",${label}="${value}"}`, on]),
  );
const claim = 'cluster="a",namespace="besu",persistentvolumeclaim="data-validator-0-0"';
const volume = (available: string): Input => ({
  [`kubelet_volume_stats_available_bytes{${claim}}`]: available,
  [`kubelet_volume_stats_capacity_bytes{${claim}}`]: "128x2000",
});
const disk = { cluster: "a", persistentvolumeclaim: "data-validator-0-0" };
const ends = (days: number): Input => ({
  'meridian_expiry_timestamp_seconds{region="a",name="rpc-tls"}': `${days * DAY}x2000`,
});
const checkpoint = (hashes: readonly string[], numbers: readonly number[] = []): Input =>
  Object.fromEntries(
    hashes.map((hash, i) => [
      `meridian_checkpoint_info{region="${regions[i] ?? ""}",number="${numbers[i] ?? 150}",hash="${hash}"}`,
      on,
    ]),
  );
const [first] = [{ region: "a", ordinal: "0" }];

/** For every rule, at least one case in which it fires and one in which it does not. */
export const cases: readonly AlertCase[] = [
  {
    alert: "MeridianChainHalted",
    when: "blocks came for ten minutes and then none",
    input: head("0+60x10 600x60"),
    fires: [{}],
  },
  { alert: "MeridianChainHalted", when: "blocks come", input: head("0+60x60"), fires: [] },
  {
    alert: "MeridianChainHalted",
    when: "four validators stand and the fifth has new blocks",
    input: { ...head("0+60x10 600x60"), 'besu_blockchain_chain_head_timestamp{region="e",ordinal="0"}': "0+60x60" },
    fires: [],
  },
  { alert: "MeridianChainHalted", when: "the last block is a minute old", input: head("0+60x29 1740x9"), fires: [] },
  { alert: "MeridianBlind", when: "no validator is scraped", input: head("0+60x5"), fires: [{}] },
  {
    alert: "MeridianBlind",
    when: "one is",
    input: { 'besu_blockchain_chain_head_timestamp{region="a"}': "1x60" },
    fires: [],
  },
  {
    alert: "MeridianQuorumMarginZero",
    when: "four of five are ready",
    input: ready([on, on, on, on, off]),
    fires: [{}],
  },
  {
    alert: "MeridianQuorumMarginZero",
    when: "three are, and the chain stands",
    input: ready([on, on, on, off, off]),
    fires: [{}],
  },
  {
    alert: "MeridianQuorumMarginZero",
    when: "a region went dark with its exporter: nobody says that its validator is ready",
    input: ready([on, on, on, on]),
    fires: [{}],
  },
  { alert: "MeridianQuorumMarginZero", when: "all five are", input: ready([on, on, on, on, on]), fires: [] },
  {
    alert: "MeridianQuorumMarginZero",
    when: "two exporters tell of the same five validators, four of them ready",
    input: { ...ready([on, on, on, on, off]), 'meridian_validator_ready{region="a",ordinal="0",pod="second"}': on },
    fires: [{}],
  },
  {
    alert: "MeridianFork",
    when: "one of three has another block at a checkpoint",
    input: checkpoint(["0xa", "0xa", "0xb"]),
    fires: [{ number: "150" }],
  },
  { alert: "MeridianFork", when: "all have the same", input: checkpoint(["0xa", "0xa", "0xa"]), fires: [] },
  {
    alert: "MeridianFork",
    when: "one is a checkpoint behind",
    input: checkpoint(["0xa", "0xa", "0xb"], [150, 150, 300]),
    fires: [],
  },
  {
    alert: "MeridianGenesisDiffers",
    when: "two geneses are told of",
    input: info("genesis", ["0xa", "0xa", "0xb"]),
    fires: [{}],
  },
  { alert: "MeridianGenesisDiffers", when: "there is one", input: info("genesis", ["0xa", "0xa"]), fires: [] },
  {
    alert: "MeridianQuorumMarginOne",
    when: "six of seven are ready, of which five are needed",
    input: ready([on, on, on, on, "2x2000"], "7", "5"),
    fires: [{}],
  },
  {
    alert: "MeridianQuorumMarginOne",
    when: "all five are ready: the margin is 1 and no less than ever",
    input: ready([on, on, on, on, on]),
    fires: [],
  },
  { alert: "MeridianQuorumMarginOne", when: "none is left", input: ready([on, on, on, on, off]), fires: [] },
  {
    alert: "MeridianRoundsClimbing",
    when: "every second block takes a round more",
    input: { ...inbound("RoundChange", "0+60x40"), ...inbound("Commit", "0+120x40") },
    fires: [{}],
  },
  {
    alert: "MeridianRoundsClimbing",
    when: "no block comes, and rounds change",
    input: { ...inbound("RoundChange", "0+3x40"), ...inbound("Commit", "500x40") },
    fires: [{}],
  },
  {
    alert: "MeridianRoundsClimbing",
    when: "one block in five takes a round more",
    input: { ...inbound("RoundChange", "0+24x40"), ...inbound("Commit", "0+120x40") },
    fires: [],
  },
  {
    alert: "MeridianRoundsClimbing",
    when: "none does",
    input: { ...inbound("RoundChange", "12x40"), ...inbound("Commit", "0+120x40") },
    fires: [],
  },
  {
    alert: "MeridianValidatorMissesProposals",
    when: "it proposes nothing",
    input: turns("5x90", "0+6x90"),
    atMinutes: 45,
    fires: [{ validator: "0x1" }],
  },
  {
    alert: "MeridianValidatorMissesProposals",
    when: "it misses two turns of three",
    input: turns("0+2x90", "0+4x90"),
    atMinutes: 45,
    fires: [{ validator: "0x1" }],
  },
  {
    alert: "MeridianValidatorMissesProposals",
    when: "it misses one in three",
    input: turns("0+4x90", "0+2x90"),
    atMinutes: 45,
    fires: [],
  },
  {
    alert: "MeridianValidatorMissesProposals",
    when: "it missed two turns once",
    input: turns("0x90", "0x20 2x60"),
    atMinutes: 45,
    fires: [],
  },
  {
    alert: "MeridianValidatorDown",
    when: "it has not answered for a quarter of an hour",
    input: of("meridian_validator_up", ["1x15 0x60", on]),
    atMinutes: 31,
    fires: [first],
  },
  {
    alert: "MeridianValidatorDown",
    when: "it restarts, and has not answered for two minutes",
    input: of("meridian_validator_up", ["1x15 0x5 1x60", on]),
    atMinutes: 18,
    fires: [],
  },
  {
    alert: "MeridianValidatorBehind",
    when: "it stands while others go on",
    input: of("meridian_validator_head", ["0+30x5 150x60", "0+30x60"]),
    fires: [first],
  },
  {
    alert: "MeridianValidatorBehind",
    when: "it is three blocks behind",
    input: of("meridian_validator_head", ["0+30x60", "3+30x60"]),
    fires: [],
  },
  {
    alert: "MeridianRegionUnwatched",
    when: "four of five regions tell",
    input: of("meridian_validator_up", [on, on, on, on]),
    fires: [{}],
  },
  {
    alert: "MeridianRegionUnwatched",
    when: "all do, one of a validator that is down",
    input: of("meridian_validator_up", [on, on, on, on, off]),
    fires: [],
  },
  {
    alert: "MeridianPeersMissing",
    when: "one has three of four peers, all of which answer",
    input: {
      ...of("meridian_validator_up", [on, on, on, on, on]),
      ...of("meridian_validator_peers", ["3x60", "4x60", "4x60", "4x60", "4x60"]),
    },
    fires: [first],
  },
  {
    alert: "MeridianPeersMissing",
    when: "one validator is down and the others have all that are left",
    input: {
      ...of("meridian_validator_up", [on, on, on, on, off]),
      ...of("meridian_validator_peers", ["3x60", "3x60", "3x60", "3x60"]),
    },
    fires: [],
  },
  {
    alert: "MeridianPeersMissing",
    when: "a peer lacks for two minutes after a start",
    input: {
      ...of("meridian_validator_up", [on, on, on, on, on]),
      ...of("meridian_validator_peers", ["4x20 3x2 4x60", "4x60", "4x60", "4x60", "4x60"]),
    },
    fires: [],
  },
  { alert: "MeridianDiskAlmostFull", when: "9% are free", input: volume("12x60"), fires: [disk] },
  { alert: "MeridianDiskAlmostFull", when: "11% are free", input: volume("14x60"), fires: [] },
  {
    alert: "MeridianDiskFills",
    when: "it loses a hundredth an hour of what two days hold",
    input: volume("2880-1x600"),
    atMinutes: 9 * hour,
    fires: [disk],
  },
  {
    alert: "MeridianDiskFills",
    when: "at this pace a year is left",
    input: volume("525600-1x600"),
    atMinutes: 9 * hour,
    fires: [],
  },
  {
    alert: "MeridianDiskFills",
    when: "it was filled at once, by a snapshot's restore, and is level since",
    input: volume("9000x60 5000x600"),
    atMinutes: 9 * hour,
    fires: [],
  },
  {
    alert: "MeridianExpiresVerySoon",
    when: "six days are left",
    input: ends(6),
    atMinutes: 2 * hour,
    fires: [{ region: "a", name: "rpc-tls" }],
  },
  { alert: "MeridianExpiresVerySoon", when: "eight days are left", input: ends(8), atMinutes: 2 * hour, fires: [] },
  {
    alert: "MeridianExpiresSoon",
    when: "29 days are left",
    input: ends(29),
    atMinutes: 2 * hour,
    fires: [{ region: "a", name: "rpc-tls" }],
  },
  { alert: "MeridianExpiresSoon", when: "31 days are left", input: ends(31), atMinutes: 2 * hour, fires: [] },
  {
    alert: "MeridianVersionSkew",
    when: "two versions have run for three hours",
    input: info("version", ["v26.8.0", "v26.4.0"]),
    atMinutes: 3 * hour,
    fires: [{}],
  },
  {
    alert: "MeridianVersionSkew",
    when: "an upgrade has gone on for an hour",
    input: info("version", ["v26.8.0", "v26.4.0"]),
    atMinutes: hour,
    fires: [],
  },
  {
    alert: "MeridianVersionSkew",
    when: "there is one version",
    input: info("version", ["v26.8.0", "v26.8.0"]),
    atMinutes: 3 * hour,
    fires: [],
  },
  {
    alert: "MeridianValidatorSetChanged",
    when: "a validator has joined",
    input: { 'meridian_validator_set_changes_total{change="added"}': "0x20 1x60" },
    fires: [{ change: "added" }],
  },
  {
    alert: "MeridianValidatorSetChanged",
    when: "one joined an hour ago",
    input: { 'meridian_validator_set_changes_total{change="added"}': "0x20 1x200" },
    atMinutes: 90,
    fires: [],
  },
];
