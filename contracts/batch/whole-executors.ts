import { multicall3Abi, type Address, type Hex } from "viem";
import { decodeFunctionResult, encodeFunctionData, isHex, numberToHex } from "viem/utils";
import { z } from "zod";
import type { Executor, Outcome, PreparedCall } from "./executor";
import { callObject, errorWords, isAnswer, outcomeOf, type RpcRequest, type TimelessOutcome } from "./json-rpc";
import type { Transport } from "./isolation";
import { Post } from "./post";

/** Gas for each simulated call: what a transaction may use (EIP-7825), rounded down to stay below it. */
const CALL_GAS = numberToHex(16_777_215);
/** The simulated block takes any number of calls; its own limit would be reached by a few hundred. */
const BLOCK_GAS = numberToHex(2 ** 50);

/** Runs the whole batch in one request, because cutting it would change its meaning. */
abstract class WholeExecutor implements Executor {
  abstract readonly transport: Transport;

  constructor(
    private readonly url: string,
    private readonly timeoutMs: number,
  ) {}

  async *execute(calls: Iterable<PreparedCall>): AsyncGenerator<Outcome> {
    const all = [...calls];
    if (all.length === 0) return;
    const began = performance.now();
    const stop = new AbortController();
    try {
      const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(this.timeoutMs)]);
      const posted = await new Post(this.url).send(JSON.stringify(this.requestFor(all)), signal);
      const outcomes =
        posted.kind === "json"
          ? this.outcomesOf(posted.json, all.length)
          : posted.kind === "refused"
            ? `the node refuses ${all.length} items in one request (HTTP ${posted.status}); use fewer`
            : posted.reason;
      const durationMs = (performance.now() - began) / all.length;
      for (const index of all.keys()) {
        const failed = {
          kind: "failed",
          reason: typeof outcomes === "string" ? outcomes : "no answer for it",
        } as const;
        const outcome = typeof outcomes === "string" ? failed : (outcomes[index] ?? failed);
        yield { ...outcome, durationMs };
      }
    } finally {
      stop.abort();
    }
  }

  protected abstract requestFor(calls: readonly PreparedCall[]): RpcRequest;

  /** An outcome for each call, or why there is none at all. */
  protected abstract outcomesOf(json: unknown, count: number): readonly TimelessOutcome[] | string;
}

/** What eth_simulateV1 answers, as far as it is used. */
const simulatedBlocks = z.array(
  z.object({
    calls: z.array(
      z.object({
        status: z.string(),
        returnData: z.unknown(),
        error: z.object({ message: z.unknown(), data: z.unknown() }).partial().optional(),
      }),
    ),
  }),
);

/** State carries from item to item: one block of eth_simulateV1. */
export class SimulateExecutor extends WholeExecutor {
  readonly transport = "eth_simulateV1";

  protected requestFor(calls: readonly PreparedCall[]): RpcRequest {
    const simulated = calls.map((call) => ({ ...callObject(call), gas: CALL_GAS }));
    const blockStateCalls = [{ blockOverrides: { gasLimit: BLOCK_GAS }, calls: simulated }];
    const params = [{ blockStateCalls, validation: false }, calls[0]?.block ?? "latest"];
    return { jsonrpc: "2.0", id: 1, method: "eth_simulateV1", params };
  }

  protected outcomesOf(json: unknown): readonly TimelessOutcome[] | string {
    if (!isAnswer(json)) return "the answer is no JSON-RPC";
    const blocks = simulatedBlocks.safeParse(json.result);
    if (!blocks.success) return `the node says: ${errorWords(json)}`;
    const calls = blocks.data.flatMap((block) => block.calls);
    return calls.map(({ status, returnData, error }): TimelessOutcome => {
      if (status === "0x1" && isHex(returnData)) return { kind: "returned", data: returnData };
      // geth puts revert data into the error, anvil 1.7 into returnData.
      const data = isHex(error?.data) ? error.data : isHex(returnData) ? returnData : "0x";
      return { kind: "reverted", data, message: typeof error?.message === "string" ? error.message : "reverted" };
    });
  }
}

/** All items in one aggregate3 of Multicall3, which is their msg.sender. */
export class MulticallExecutor extends WholeExecutor {
  readonly transport = "aggregate3";

  constructor(
    url: string,
    timeoutMs: number,
    private readonly multicall: Address,
  ) {
    super(url, timeoutMs);
  }

  protected requestFor(calls: readonly PreparedCall[]): RpcRequest {
    const aggregated = calls.map(({ to, data }) => ({ target: to, allowFailure: true, callData: data }));
    const data = encodeFunctionData({ abi: multicall3Abi, functionName: "aggregate3", args: [aggregated] });
    return {
      jsonrpc: "2.0",
      id: 1,
      method: "eth_call",
      params: [{ to: this.multicall, data }, calls[0]?.block ?? "latest"],
    };
  }

  protected outcomesOf(json: unknown, count: number): readonly TimelessOutcome[] | string {
    if (!isAnswer(json)) return "the answer is no JSON-RPC";
    const whole = outcomeOf(json);
    if (whole.kind === "failed") return whole.reason;
    if (whole.kind === "reverted") return `aggregate3 of ${count} items fails as a whole (${whole.message}); use fewer`;
    return decodeAggregate(whole.data) ?? `there is no Multicall3 at ${this.multicall}`;
  }
}

function decodeAggregate(data: Hex): TimelessOutcome[] | undefined {
  try {
    const results = decodeFunctionResult({ abi: multicall3Abi, functionName: "aggregate3", data });
    return results.map(({ success, returnData }) =>
      success
        ? { kind: "returned", data: returnData }
        : { kind: "reverted", data: returnData, message: "execution reverted" },
    );
  } catch {
    return undefined;
  }
}
