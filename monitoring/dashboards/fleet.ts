import { createDashboard } from "./panels";

/** Ready validators of each region, once however many exporters tell of them. */
const READY = "sum by (region) (max by (region, ordinal) (meridian_validator_ready))";
const WHERE = "max by (region, latitude, longitude) (meridian_region_location)";

/** The fleet at a glance: where its validators are, how many may fail, how old the newest block is. */
export const fleetDashboard = createDashboard({
  uid: "meridian-fleet",
  title: "Meridian: fleet",
  description: "Every region on the map, the quorum, the head of the chain, disks and versions.",
  panels: [
    {
      title: "Quorum margin",
      type: "stat",
      description: "Ready validators less ceil(2N/3): so many may still fail before the chain halts.",
      queries: [
        { expression: "sum(max by (region, ordinal) (meridian_validator_ready)) - max(meridian_chain_quorum)" },
      ],
      thresholds: { orange: 2, red: 1 },
      ...{ width: 4, height: 4 },
    },
    {
      title: "Validators ready",
      type: "stat",
      description: "Validators that answer, fetch no chain and are at most three blocks behind.",
      queries: [{ expression: "sum(max by (region, ordinal) (meridian_validator_ready))" }],
      ...{ width: 4, height: 4 },
    },
    {
      title: "Age of the head",
      type: "stat",
      description: "Seconds since the newest block. Readiness stays green on a halted chain; this does not.",
      queries: [{ expression: "time() - max(besu_blockchain_chain_head_timestamp)" }],
      thresholds: { orange: 20, red: 60 },
      unit: "s",
      ...{ width: 4, height: 4 },
    },
    {
      title: "Newest block",
      type: "stat",
      description: "Number of the newest block that any validator has.",
      queries: [{ expression: "max(ethereum_blockchain_height)" }],
      ...{ width: 4, height: 4 },
    },
    {
      title: "Forks",
      type: "stat",
      description: "Checkpoints at which validators have different blocks. Anything but 0 is grave.",
      queries: [
        {
          expression: "count(count by (number) (count by (number, hash) (meridian_checkpoint_info)) > 1) or vector(0)",
        },
      ],
      thresholds: { orange: 1, red: 2 },
      ...{ width: 4, height: 4 },
    },
    {
      title: "Next to expire",
      type: "stat",
      description: "Time until the first certificate, key or secret ends.",
      queries: [{ expression: "min(meridian_expiry_timestamp_seconds) - time()" }],
      unit: "s",
      thresholds: { orange: 30 * 86_400, red: 7 * 86_400 },
      ...{ width: 4, height: 4 },
    },
    {
      title: "Regions",
      type: "geomap",
      description: "Ready validators of each region, at its place. A region that nobody tells of is missing.",
      queries: [{ expression: `${READY} * on (region) group_left (latitude, longitude) ${WHERE}`, as: "table" }],
      thresholds: { orange: 1, red: 0 },
      ...{ width: 16, height: 14 },
      options: {
        view: { id: "zero", lat: 20, lon: 20, zoom: 1 },
        layers: [
          {
            type: "markers",
            name: "Validators",
            location: { mode: "coords", latitude: "latitude", longitude: "longitude" },
            config: {
              showLegend: false,
              style: { size: { fixed: 8 }, color: { field: "Value" }, text: { field: "region" } },
            },
          },
        ],
      },
    },
    {
      title: "Validators",
      type: "table",
      description: "Every validator: ready, height, version.",
      queries: [
        {
          expression:
            "max by (region, ordinal) (meridian_validator_head) * on (region, ordinal) group_left (version, address) max by (region, ordinal, version, address) (meridian_validator_info)",
          as: "table",
        },
      ],
      ...{ width: 8, height: 14 },
    },
    {
      title: "Blocks behind",
      type: "timeseries",
      description: "How far each validator is behind the newest block of all.",
      queries: [
        {
          expression: "scalar(max(meridian_validator_head)) - max by (region, ordinal) (meridian_validator_head)",
          legend: "{{region}} {{ordinal}}",
        },
      ],
    },
    {
      title: "Free on validators' disks",
      type: "timeseries",
      description: "Share of each disk that is free.",
      queries: [
        {
          expression:
            'min by (cluster, persistentvolumeclaim) (kubelet_volume_stats_available_bytes{namespace="besu"} / kubelet_volume_stats_capacity_bytes{namespace="besu"})',
          legend: "{{cluster}} {{persistentvolumeclaim}}",
        },
      ],
      unit: "percentunit",
    },
  ],
});
