import type { OperationKind } from "../clock/scheduler";
import { type ArmRefusal, type ArmRequest, type RequestPurpose, shortType } from "./arm";
import { reactionTo, retryPolicy } from "./client";
import { Visibility } from "./consistency";
import { EventQueue, type QueuedEvent } from "./event-queue";
import { allocationFailure, quotaLimits, refusalOf, slowness } from "./fault-effects";
import type { Fault } from "./faults";
import { RequestLimits } from "./limits";
import { lockOf, type WriteLock, WriteLocks } from "./locks";
import type { OperationRecord, WorldOperation } from "./operation";
import { type Demand, Quotas } from "./quotas";
import { refusalMs } from "./latency";
import { uniform } from "./seeded";

export type { CloudSide, OperationRecord, WorldOperation } from "./operation";

export interface WorldOptions {
  /** Seed of the faults' chance and of the scatter of the backoff. @default 1 */
  readonly seed?: number;
  readonly faults?: readonly Fault[];
  /** Whether requests draw tokens. @default true */
  readonly limits?: boolean;
  /** Whether long-running operations are polled; without, each takes four requests at most. @default true */
  readonly polls?: boolean;
}

type Phase = "check" | "write" | "delete" | "poll" | "read";

interface Active {
  readonly id: number;
  readonly operation: WorldOperation;
  readonly startMs: number;
  phase: Phase;
  /** Retries of the request that is being tried. */
  attempt: number;
  retries: number;
  requests: number;
  /** Azure's own end of the work; undefined before it has accepted it. */
  serverEndMs?: number;
  serverState?: "Succeeded" | "Failed";
  /** Taken when the write was accepted. */
  lock?: WriteLock;
  serverError?: ArmRefusal;
  error?: ArmRefusal;
  endMs?: number;
  lockWaitMs: number;
  readonly throttled: [number, number][];
  readonly faults: Set<string>;
}

interface WorldEvent extends QueuedEvent {
  readonly what: "server" | "client" | "end";
}

/** At one moment Azure moves before its clients, and a client's last step comes last. */
const ranks = { server: 0, client: 1, end: 2 } as const;

const firstPhase: Readonly<Record<OperationKind, Phase>> = {
  create: "check",
  update: "write",
  delete: "delete",
  read: "read",
};

const purposeOf: Readonly<Record<Phase, RequestPurpose>> = {
  check: "read",
  write: "write",
  delete: "delete",
  poll: "poll",
  read: "read",
};

/**
 * Azure and its client azure-native as a discrete-event model: an operation is a series of HTTP requests at virtual
 * times (look, write, polls, read) that draw tokens, meet locks, quotas and faults, and are retried.
 *
 * The caller begins operations and takes their ends one at a time, in the order of virtual time. What happens between two
 * ends is the model's own; a new operation can only begin at an end, so nothing is simulated too far. Without faults,
 * throttling and locks an operation takes exactly `durationMs`: that is what was observed from outside, polls included,
 * so the last poll is taken to fall on the end. No clock, files or chance: the same calls give the same answers.
 */
export class AzureWorld {
  private readonly queue = new EventQueue<WorldEvent>();
  private readonly active = new Map<number, Active>();
  /** Ends that have come and are not taken yet, by (time, URN, kind); those taken out of turn are skipped. */
  private readonly ended = new EventQueue<QueuedEvent>();
  /** Operations whose client has given up while Azure works on. */
  private readonly orphans = new Map<number, Active>();
  private readonly limits: RequestLimits;
  private readonly locks = new WriteLocks();
  private readonly quotas: Quotas;
  private readonly visibility = new Visibility();
  private readonly seed: number;
  private readonly faults: readonly Fault[];
  private readonly polls: boolean;
  private begun = 0;
  private nowMs = 0;
  /** Answers 429 so far, those included that the client does not try again. */
  throttles = 0;

  constructor({ seed = 1, faults = [], limits = true, polls = true }: WorldOptions = {}) {
    this.seed = seed;
    this.faults = faults;
    this.polls = polls;
    this.limits = new RequestLimits(limits);
    this.quotas = new Quotas(quotaLimits(faults));
  }

  /** Counts what exists already against the quotas. */
  occupy(resourceId: string, region: string, demand: Demand): void {
    this.quotas.take(resourceId, region, demand);
  }

  /**
   * Begins an operation at a virtual time not before the last end taken.
   * @returns its id, for `complete`
   */
  begin(operation: WorldOperation, nowMs: number): number {
    if (nowMs < this.nowMs) throw new RangeError(`begun at ${nowMs} ms, after what happened at ${this.nowMs} ms`);
    const id = this.begun++;
    this.active.set(id, {
      id,
      operation,
      startMs: nowMs,
      phase: firstPhase[operation.kind],
      attempt: 0,
      retries: 0,
      requests: 0,
      lockWaitMs: 0,
      throttled: [],
      faults: new Set(),
    });
    this.at(nowMs, "client", id);
    return id;
  }

  /**
   * The earliest end, by (time, URN, kind), or undefined when none comes up to `limitMs`. Moves the model's time no
   * further than to that end, else to `limitMs`. Asked again before `complete`, it gives the same answer.
   */
  nextEnd(limitMs = Infinity): { readonly id: number; readonly atMs: number } | undefined {
    for (;;) {
      const event = this.queue.next;
      const soFar = this.earliestEnd();
      const horizonMs = Math.min(limitMs, soFar?.endMs ?? Infinity);
      // Everything of one moment happens before an end of that moment is told.
      if (event === undefined || event.atMs > horizonMs) {
        return soFar?.endMs === undefined || soFar.endMs > limitMs ? undefined : { id: soFar.id, atMs: soFar.endMs };
      }
      this.queue.pop();
      this.nowMs = event.atMs;
      this.handle(event);
    }
  }

  /** Takes an operation that `nextEnd` told out of the model. @throws RangeError for one that has not ended */
  complete(id: number): OperationRecord {
    const found = this.active.get(id);
    if (found?.endMs === undefined) throw new RangeError(`operation ${id} has not ended`);
    this.active.delete(id);
    const { error, serverEndMs, serverState, startMs, endMs, throttled, retries, requests, lockWaitMs } = found;
    const left =
      serverState === "Failed"
        ? "failed"
        : serverState === "Succeeded"
          ? "succeeded"
          : serverEndMs === undefined
            ? "nothing"
            : "accepted";
    return {
      startMs,
      endMs,
      outcome: error === undefined ? "succeeded" : "failed",
      left,
      throttledMs: throttled,
      lockWaitMs,
      retries,
      requests,
      faults: [...found.faults],
      ...(error !== undefined && { error }),
    };
  }

  private earliestEnd(): Active | undefined {
    for (let next = this.ended.next; next !== undefined; next = this.ended.next) {
      const one = this.active.get(next.id);
      if (one !== undefined) return one;
      this.ended.pop();
    }
    return undefined;
  }

  private at(atMs: number, what: WorldEvent["what"], id: number): void {
    const urn = this.active.get(id)?.operation.urn ?? "";
    this.queue.push({ atMs, rank: ranks[what], urn, id, what });
  }

  private handle({ what, id }: WorldEvent): void {
    if (what === "server") {
      this.finishServer(id);
      return;
    }
    const one = this.active.get(id);
    if (one === undefined) return;
    if (what === "end") {
      one.endMs = this.nowMs;
      const { urn, kind } = one.operation;
      this.ended.push({ atMs: this.nowMs, rank: 0, urn: `${urn} ${kind}`, id });
    } else while (this.request(one));
  }

  /** One request of the client and what follows from its answer. @returns whether the next one follows at once */
  private request(one: Active): boolean {
    const refusal = this.answer(one);
    one.requests += 1;
    if (refusal === undefined) {
      one.attempt = 0;
      return this.proceed(one);
    }
    if (refusal.status === 429) this.throttles += 1;
    const { urn } = one.operation;
    const scatter = uniform(`${this.seed}/backoff/${urn}/${one.phase}/${one.requests}`);
    const reaction = reactionTo(refusal, one.attempt, scatter);
    if (!reaction.retry) {
      this.fail(one, refusal);
      return false;
    }
    one.attempt += 1;
    one.retries += 1;
    const untilMs = this.nowMs + reaction.delayMs;
    if (refusal.status === 429) one.throttled.push([this.nowMs, untilMs]);
    if (refusal.code.includes("AnotherOperation")) one.lockWaitMs += reaction.delayMs;
    this.at(untilMs, "client", one.id);
    return false;
  }

  /** What Azure says to the next request; undefined for success. Order: faults, ARM and provider limits, then the service. */
  private answer(one: Active): ArmRefusal | undefined {
    const { operation, phase } = one;
    const request: ArmRequest = {
      purpose: purposeOf[phase],
      type: operation.type,
      resourceId: operation.resourceId,
      region: operation.region,
    };
    const byFault = this.faulty(one, request);
    if (byFault !== undefined) return byFault;
    const { refusal } = this.limits.admit(request, this.nowMs);
    if (refusal !== undefined) return refusal;
    switch (phase) {
      case "check":
        return operation.cloud?.existing?.(this.nowMs);
      case "write":
      case "delete":
        return this.accept(one, request);
      case "poll":
      case "read":
        return undefined;
      default:
        return phase satisfies never;
    }
  }

  private faulty(one: Active, request: ArmRequest): ArmRefusal | undefined {
    const { urn, principalId } = one.operation;
    for (const fault of this.faults) {
      const refusal = refusalOf(fault, {
        request,
        nowMs: this.nowMs,
        seed: this.seed,
        urn,
        number: one.requests,
        firstWrite: request.purpose === "write" && one.attempt === 0,
        visibility: this.visibility,
        ...(principalId !== undefined && { principalId }),
      });
      if (refusal === undefined) continue;
      one.faults.add(fault.text);
      return refusal;
    }
    return undefined;
  }

  /** The service judges a write or a deletion, and begins to work on it. */
  private accept(one: Active, request: ArmRequest): ArmRefusal | undefined {
    const { operation, phase } = one;
    const { type, resourceId, region, demand, durationMs, cloud } = operation;
    const refusedByCloud = cloud?.judge?.(this.nowMs);
    if (refusedByCloud !== undefined) return refusedByCloud;
    if (phase === "write" && demand !== undefined) {
      const overQuota = this.quotas.take(resourceId, region, demand);
      if (overQuota !== undefined) {
        for (const { name, text } of this.faults) if (name.endsWith("quota")) one.faults.add(text);
        return overQuota;
      }
    }
    const lock = lockOf(type, resourceId);
    const busy = lock === undefined ? undefined : this.locks.take(lock, one.id);
    if (busy !== undefined) return busy;
    if (lock !== undefined) one.lock = lock;
    const failure = phase === "write" ? allocationFailure(this.faults, request) : undefined;
    if (failure !== undefined) {
      one.serverError = failure;
      for (const { name, text } of this.faults) if (name === "capacity") one.faults.add(text);
    }
    const factor = slowness(this.faults, request);
    if (factor !== 1) for (const { name, text } of this.faults) if (name === "slow") one.faults.add(text);
    one.serverEndMs = this.nowMs + Math.round(durationMs * factor);
    cloud?.accepted?.(this.nowMs, one.serverEndMs);
    this.at(one.serverEndMs, "server", one.id);
    return undefined;
  }

  /** Azure has finished, whether anybody asks or not. */
  private finishServer(id: number): void {
    const one = this.active.get(id) ?? this.orphans.get(id);
    if (one === undefined) return;
    this.orphans.delete(id);
    const { operation } = one;
    if (one.lock !== undefined) this.locks.release(one.lock, id);
    one.serverState = one.serverError === undefined ? "Succeeded" : "Failed";
    if (operation.kind === "delete") this.quotas.release(operation.resourceId);
    if (shortType(operation.type) === "RoleAssignment") {
      this.visibility.written(`roles/${operation.region}`, this.nowMs);
    }
    if (operation.createsPrincipal !== undefined) {
      this.visibility.written(operation.createsPrincipal, this.nowMs);
    }
    operation.cloud?.settled?.(one.serverState, this.nowMs);
  }

  /**
   * The answer was good: what the client does next.
   * @returns whether that is another request at this moment: it is the next event then, since nobody before it in the
   * order of events has one left
   */
  private proceed(one: Active): boolean {
    const { phase, operation, serverEndMs = this.nowMs } = one;
    switch (phase) {
      case "check":
        one.phase = "write";
        return true;
      case "write":
      case "delete":
        one.phase = "poll";
        this.at(this.nextPoll(one, serverEndMs), "client", one.id);
        return false;
      case "poll":
        if (one.serverState === undefined) {
          this.at(this.nextPoll(one, serverEndMs), "client", one.id);
          return false;
        }
        if (one.serverError !== undefined || operation.kind === "delete") {
          if (one.serverError !== undefined) one.error = one.serverError;
          this.at(this.nowMs, "end", one.id);
          return false;
        }
        one.phase = "read";
        return true;
      case "read":
        this.at(this.nowMs + (operation.kind === "read" ? operation.durationMs : 0), "end", one.id);
        return false;
      default:
        return phase satisfies never;
    }
  }

  private nextPoll(one: Active, serverEndMs: number): number {
    const interval = one.operation.kind === "delete" ? retryPolicy.pollMs.delete : retryPolicy.pollMs.write;
    return this.polls ? Math.min(this.nowMs + interval, Math.max(serverEndMs, this.nowMs)) : serverEndMs;
  }

  private fail(one: Active, refusal: ArmRefusal): void {
    one.error = refusal;
    // What Azure has accepted it finishes, although nobody polls any more.
    if (one.serverEndMs !== undefined && one.serverState === undefined) this.orphans.set(one.id, one);
    if (one.serverEndMs === undefined && one.operation.kind === "create") this.quotas.release(one.operation.resourceId);
    this.at(this.nowMs + refusalMs, "end", one.id);
  }
}
