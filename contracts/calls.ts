import type { Abi, AbiFunction, Address, Hex } from "viem";
import { concatHex, keccak256, numberToHex, stringToHex, toFunctionSelector, toFunctionSignature } from "viem/utils";
import { BatchInputError } from "./batch/errors";
import { encodeCall, parseSignature, resultType } from "./batch/signature";
import { valueFrom, ValueError, type AbiValue } from "./batch/values";
import type { Artifact } from "./compile";
import { batchesOf } from "./graph";
import { settingValue, wrongValue, type PlannedArgument, type PlannedContract, type SuiteSettings } from "./plan";
import { suiteError } from "./suites/errors";
import type { SettingName, Suite, SuiteCall } from "./suites/format";
import { callNeedsOf } from "./suites/parse";
import { abiValues, resolve, sourceOf, type Surroundings } from "./suites/values";

/** A read that tells whether a call is needed. */
export interface PlannedCheck {
  readonly address: Address;
  readonly fn: AbiFunction;
  readonly data: Hex;
  /** What it gives once the call is not needed any more. */
  readonly gives: AbiValue;
  /** For people: `owner() of Registry`. */
  readonly words: string;
}

/** A call of one chain after its deployments, with everything that can be known before anything is sent. */
export interface PlannedCall {
  /** Logical name: `chain138-open-lane`. */
  readonly name: string;
  /** Its name in the suite. */
  readonly call: string;
  readonly chain: string;
  readonly chainId: number;
  /** Its contract's name in the suite. */
  readonly contract: string;
  readonly to: Address;
  /** `setLane(uint64,bool)`. */
  readonly signature: string;
  readonly arguments: readonly PlannedArgument[];
  readonly data: Hex;
  /** Wei. */
  readonly value: bigint;
  /** One of them is enough. */
  readonly doneWhen: readonly PlannedCheck[];
  /** Logical names of the contracts and calls that it needs first. */
  readonly needs: readonly string[];
  /** Names the call in the journal and for the engine: hash of name, contract, data and value. */
  readonly digest: Hex;
  /** To read its errors. */
  readonly artifact: Pick<Artifact, "abi">;
}

/**
 * Plans the calls of one chain, in the order in which they can be made. Pure.
 *
 * @param plan all contracts of the chain
 * @throws {SuiteError}
 */
export function planCalls(
  chain: string,
  plan: readonly PlannedContract[],
  settings: SuiteSettings,
  suite: Suite,
): PlannedCall[] {
  const onChain = suite.calls.filter(({ chains }) => chains.includes(chain));
  const names = new Set(onChain.map(({ name }) => name));
  const nodes = onChain.map((call) => ({ name: call.name, needs: call.after.filter((name) => names.has(name)) }));
  const byName = new Map(onChain.map((call) => [call.name, call]));
  const planner = new CallPlanner(chain, new Map(plan.map((each) => [each.contract, each])), settings, suite);
  return batchesOf(nodes)
    .flat()
    .flatMap((name) => byName.get(name) ?? [])
    .map((call) => planner.plan(call));
}

class CallPlanner {
  private readonly around: Surroundings;

  constructor(
    private readonly chain: string,
    private readonly contracts: ReadonlyMap<string, PlannedContract>,
    settings: SuiteSettings,
    private readonly suite: Suite,
  ) {
    const settingOf = (name: SettingName) => settingValue(settings, name);
    this.around = { chain, settingOf, addressOf: (name) => this.contract(name).address };
  }

  plan(call: SuiteCall): PlannedCall {
    const { chain, suite } = this;
    const target = this.contract(call.contract);
    const abi = this.abiOf(target);
    const fn = this.functionOf(call, "function", call.function, abi);
    const values = this.checked(call, "arguments", call.arguments, () =>
      abiValues(fn.inputs, call.arguments, this.around),
    );
    const data = encodeCall(fn, values);
    const value = BigInt(call.value);
    const logical = (name: string) => `${chain}-${suite.contracts.find((each) => each.name === name)?.slug ?? name}`;
    const name = `${chain}-${call.name}`;
    return {
      name,
      call: call.name,
      chain,
      chainId: suite.chains[chain]?.chainId ?? 0,
      contract: call.contract,
      to: target.address,
      signature: toFunctionSignature(fn),
      arguments: call.arguments.map((given, index) => ({
        name: fn.inputs[index]?.name ?? `#${index}`,
        value: values[index],
        source: sourceOf(given),
      })),
      data,
      value,
      doneWhen: call.doneWhen.map((_, index) => this.check(call, index)),
      needs: callNeedsOf(call, chain).map(logical),
      digest: keccak256(concatHex([stringToHex(name), target.address, data, numberToHex(value, { size: 32 })])),
      artifact: { abi },
    };
  }

  private check(call: SuiteCall, index: number): PlannedCheck {
    const given = call.doneWhen[index];
    const target = this.contract(given?.contract ?? call.contract);
    const field = `doneWhen[${index}]`;
    const fn = this.functionOf(call, `${field}.function`, given?.function ?? "", this.abiOf(target));
    const type = resultType(fn);
    if (type === undefined || given === undefined) {
      throw this.error(
        call,
        `${field}.function`,
        given?.function,
        "It gives nothing. Allowed: a function with its result types.",
      );
    }
    const args = this.checked(call, `${field}.arguments`, given.arguments, () =>
      abiValues(fn.inputs, given.arguments, this.around),
    );
    const gives = this.checked(call, `${field}.gives`, given.gives, () =>
      valueFrom(type, resolve(given.gives, this.around)),
    );
    return {
      address: target.address,
      fn,
      data: encodeCall(fn, args),
      gives,
      words: `${fn.name}() of ${target.contract}`,
    };
  }

  private contract(name: string): PlannedContract {
    const found = this.contracts.get(name);
    if (found === undefined) throw suiteError(this.suite, `the plan of ${this.chain}`, name, "It is not there.");
    return found;
  }

  /** What can be called at a contract's address: behind a proxy, its implementation's functions too. */
  private abiOf({ artifact, implementation }: PlannedContract): Abi {
    const behind = [...this.contracts.values()].find(({ address }) => address === implementation);
    return [...artifact.abi, ...(behind?.artifact.abi ?? [])];
  }

  private functionOf(call: SuiteCall, field: string, text: string, abi: Abi): AbiFunction {
    let fn: AbiFunction;
    try {
      fn = parseSignature(text, abi);
    } catch (error) {
      if (!(error instanceof BatchInputError)) throw error;
      throw this.error(
        call,
        field,
        text,
        `It cannot be read. Allowed: name(types), and for a read name(types)(types).`,
      );
    }
    const known = abi.filter((item): item is AbiFunction => item.type === "function");
    const selector = toFunctionSelector(fn);
    if (known.length === 0 || known.some((each) => toFunctionSelector(each) === selector)) return fn;
    const list = known.map((each) => toFunctionSignature(each)).join(", ");
    throw this.error(call, field, text, `The contract has no such function. Allowed: ${list}.`);
  }

  private checked<T>(call: SuiteCall, field: string, given: unknown, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      throw wrongValue(this.suite, "calls", call.name, `${field}${error.path}`, given, error.problem);
    }
  }

  private error(call: SuiteCall, field: string, given: unknown, problem: string) {
    const index = this.suite.calls.findIndex(({ name }) => name === call.name);
    return suiteError(this.suite, `calls[${index}] (${call.name}).${field}`, given, problem);
  }
}
