import type { Address } from "viem";

import { SimulatedAdmin } from "./admin-calls";
import type { Latencies } from "./latencies";
import type { SimulatedChain } from "./chain";
import type { Site } from "./sites";

/** What a command in a cluster leaves. */
export interface CommandOutcome {
  readonly exitCode: number;
  readonly logs: string;
}

/** Snapshots that each validator has, one a day. */
const KEPT = 3;
const DAY_MS = 86_400_000;

const done = (logs: string): CommandOutcome => ({ exitCode: 0, logs });
const failed = (logs: string): CommandOutcome => ({ exitCode: 1, logs });

/**
 * What the operations' kubectl lines do in a simulated cluster: restart all validators, scale one, list the snapshots of
 * its disk, put a disk of a snapshot in its place, and call its private port. Anything else is refused, as an unknown command would be.
 */
export class ClusterCommands {
  /** By region and claim: the snapshot that it was made of. */
  private readonly restored = new Map<string, string>();
  private readonly admin: SimulatedAdmin;

  constructor(
    private readonly options: {
      readonly chain: SimulatedChain;
      readonly sites: readonly Site[];
      readonly latencies: Latencies;
    },
  ) {
    this.admin = new SimulatedAdmin(options.chain);
  }

  /** A region's validators, or one of them, start at a time, each with its own boot; or stop, at Infinity. */
  move(region: string, fromMs: number, nowMs: number, name?: string): void {
    const { chain, sites, latencies } = this.options;
    for (const site of sites) {
      if (site.region !== region || (name !== undefined && site.name !== name)) continue;
      chain.set(site.address, fromMs + latencies("boot", `${site.host}/${fromMs}`), nowMs);
    }
  }

  /** @param endsMs when the command has done its work */
  run(region: string, command: string, endsMs: number, nowMs: number): CommandOutcome {
    if (command.includes("rollout restart statefulset")) {
      this.move(region, endsMs, nowMs);
      return done("restarted");
    }
    const [, claim] = /get volumesnapshot --selector \S+=(\S+) --output json/.exec(command) ?? [];
    if (claim !== undefined) return done(JSON.stringify({ items: this.snapshotsOf(claim, nowMs) }));
    const [, name = "", replicas] = /scale statefulset (\S+) --replicas=([01])/.exec(command) ?? [];
    if (replicas !== undefined) return this.scale(region, name, replicas === "1", endsMs, nowMs);
    const [, pod = "", frames] = /exec (\S+)-0 --container besu .* admin \d+ ([\w+/= ]+)$/s.exec(command) ?? [];
    if (frames !== undefined) return this.call(region, pod, frames.split(" "), nowMs);
    if (command.includes("PersistentVolumeClaim")) return this.swap(region, command, nowMs);
    return failed("sh: not found");
  }

  private call(region: string, name: string, frames: readonly string[], nowMs: number): CommandOutcome {
    const site = this.options.sites.find((one) => one.region === region && one.name === name);
    if (site === undefined) return failed(`Error from server (NotFound): pods "${name}-0" not found`);
    if (!this.options.chain.isUp(site.address, nowMs)) return failed("connect: Connection refused");
    return done(this.admin.answer(site, frames, nowMs));
  }

  private scale(region: string, name: string, up: boolean, endsMs: number, nowMs: number): CommandOutcome {
    if (this.addressOf(region, name) === undefined) return failed(`statefulsets.apps "${name}" not found`);
    this.move(region, up ? endsMs : Infinity, nowMs, name);
    return done("scaled");
  }

  private swap(region: string, command: string, nowMs: number): CommandOutcome {
    const [, claim = ""] = /delete pvc (\S+)/.exec(command) ?? [];
    const [, snapshot = ""] = /VolumeSnapshot\\",\\"name\\":\\"([^"\\]+)/.exec(command) ?? [];
    const address = this.addressOf(region, /^data-(.+)-0$/.exec(claim)?.[1] ?? "");
    if (address === undefined) return failed(`persistentvolumeclaims "${claim}" not found`);
    if (this.options.chain.isUp(address, nowMs)) return failed(`timed out: persistentvolumeclaims/${claim} is in use`);
    const wanted = this.snapshotsOf(claim, nowMs).find(({ metadata }) => metadata.name === snapshot);
    if (wanted?.status.readyToUse !== true) return failed(`volumesnapshots "${snapshot}" is not ready`);
    const key = `${region}/${claim}`;
    if (this.restored.get(key) !== snapshot) this.restored.set(key, snapshot);
    return done(`persistentvolumeclaim/${claim} created\npvc-of-${claim}`);
  }

  private addressOf(region: string, name: string): Address | undefined {
    return this.options.sites.find((site) => site.region === region && site.name === name)?.address;
  }

  /** The newest is still being made. */
  private snapshotsOf(claim: string, nowMs: number) {
    const today = Math.floor(nowMs / DAY_MS);
    return Array.from({ length: KEPT + 1 }, (_, i) => {
      const creationTime = new Date((today - i) * DAY_MS).toISOString();
      return {
        metadata: { name: `${claim}-snapshots-${today - i}`, creationTimestamp: creationTime },
        status: { readyToUse: i > 0, creationTime },
      };
    });
  }
}
