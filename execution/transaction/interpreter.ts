/* eslint-disable @typescript-eslint/only-throw-error -- EthereumJS's errors are not Errors */
import type { Common } from "@ethereumjs/common";
import { EVM, EVMError } from "@ethereumjs/evm";

/** What the loop below uses of EthereumJS's interpreter, which it does not export (10.1.3, interpreter.ts). */
interface RunState {
  programCounter: number;
  opCode: number;
  code: Uint8Array;
  shouldDoJumpAnalysis: boolean;
  validJumps: Uint8Array;
  cachedPushes: Record<number, bigint>;
  readonly stack: { peek(count: number): bigint[] };
  readonly memoryWordCount: bigint;
  gasLeft: bigint;
}
interface OpcodeEntry {
  readonly opcodeInfo: { code: number; feeBigInt: bigint; dynamicGas: boolean; isAsync: boolean; isInvalid: boolean };
  readonly opHandler: (state: RunState, common: Common) => Promise<void> | void;
  readonly gasHandler: (state: RunState, gas: bigint, common: Common) => Promise<bigint> | bigint;
}
interface Analysis {
  readonly jumps: Uint8Array;
  readonly pushes: Record<number, bigint>;
  readonly opcodesCached: readonly OpcodeEntry[];
}
interface Interpreter {
  readonly _evm: EVM & { fast?: WeakMap<Uint8Array, Analysis> };
  readonly _runState: RunState;
  readonly common: Common;
  run(code: Uint8Array, options?: { pc?: number }): Promise<{ runState: RunState; exceptionError?: EVMError }>;
  lookupOpInfo(code: number): OpcodeEntry;
  _getValidJumpDestinations(code: Uint8Array): Analysis;
}

const MLOAD = 0x51;
const MSTORE = 0x52;

/**
 * The interpreter's loop with two things left out that cost most of its time: waiting (a turn of the microtask queue)
 * for instructions that do not wait for anything, and analysing the same code again for every call.
 */
async function run(this: Interpreter, code: Uint8Array, analyses: WeakMap<Uint8Array, Analysis>) {
  const state = this._runState;
  const { common } = this;
  state.code = code;
  let analysis = analyses.get(code);
  if (analysis === undefined) analyses.set(code, (analysis = this._getValidJumpDestinations(code)));
  state.validJumps = analysis.jumps;
  state.cachedPushes = analysis.pushes;
  state.shouldDoJumpAnalysis = false;
  const opcodes = analysis.opcodesCached;
  try {
    while (state.programCounter < code.length) {
      const at = state.programCounter;
      const { opcodeInfo, opHandler, gasHandler } = opcodes[at] ?? this.lookupOpInfo(code[at] ?? 0);
      state.opCode = opcodeInfo.code;
      let gas = opcodeInfo.feeBigInt;
      if (opcodeInfo.dynamicGas && !isWithinMemory(state)) {
        const dynamic = gasHandler(state, gas, common);
        gas = typeof dynamic === "bigint" ? dynamic : await dynamic;
      }
      if (opcodeInfo.isInvalid) throw new EVMError(EVMError.errorMessages.INVALID_OPCODE);
      state.gasLeft -= gas;
      if (state.gasLeft < 0n) {
        state.gasLeft = 0n;
        throw new EVMError(EVMError.errorMessages.OUT_OF_GAS);
      }
      state.programCounter++;
      if (opcodeInfo.isAsync) await opHandler(state, common);
      else void opHandler(state, common);
    }
  } catch (error) {
    if (!isEvmError(error)) throw error;
    if (error.error !== EVMError.errorMessages.STOP) return { runState: state, exceptionError: error };
  }
  return { runState: state };
}

/** A load or store in memory that is there already costs nothing beside its fee. */
function isWithinMemory(state: RunState): boolean {
  if (state.opCode !== MLOAD && state.opCode !== MSTORE) return false;
  const offset = state.stack.peek(1)[0] ?? 0n;
  return offset + 32n <= state.memoryWordCount * 32n;
}

const isEvmError = (error: unknown): error is EVMError =>
  typeof error === "object" && error !== null && "errorType" in error && "error" in error;

const PROBE = 0x0c; // no instruction of any fork
let installed: Promise<void> | undefined;

/**
 * Lets EVMs that carry a map `fast` run by the loop above; all others run as before. The class is reached through an
 * instruction of our own, the one door that EthereumJS leaves open.
 */
export function installFastLoop(probe: (opcode: object) => EVM): Promise<void> {
  installed ??= (async () => {
    let found: Interpreter | undefined;
    const logicFunction = ({ interpreter }: { interpreter: Interpreter }): void => void (found = interpreter);
    const evm = probe({ opcode: PROBE, opcodeName: "PROBE", baseFee: 0, logicFunction });
    await evm.runCode({ code: Uint8Array.of(PROBE), gasLimit: 100n });
    if (found === undefined) throw new Error("EthereumJS's interpreter is not where it was in 10.1.3.");
    const prototype = Object.getPrototypeOf(found) as Interpreter;
    const original = prototype.run; // eslint-disable-line @typescript-eslint/unbound-method -- called on its own object below
    prototype.run = function (code, options = {}) {
      const { fast } = this._evm;
      return fast === undefined ? original.call(this, code, options) : run.call(this, code, fast);
    };
  })();
  return installed;
}
