import { executedSlots, type Instruction } from "../../../../execution/analyse/instructions";

const [A, B, C] = ["0x" + "a".repeat(40), "0x" + "b".repeat(40), "0x" + "c".repeat(40)] as [string, string, string];

/** A line of a trace; the stack's top first, as it is easier to read. */
const at = (depth: number, op: string, ...top: string[]): Instruction => ({ depth, op, stack: [...top].reverse() });

test("a transaction's own reads and writes", () => {
  const trace = [at(1, "SLOAD", "0x1"), at(1, "SSTORE", "0x2", "0x9"), at(1, "STOP")];
  expect(executedSlots(trace, A, true)).toEqual({ read: { [A]: ["0x1", "0x2"] }, written: { [A]: ["0x2"] } });
  // Besu writes words without 0x, and another way of writing an address changes nothing.
  const bare = executedSlots([at(1, "SLOAD", "00ff")], A.toUpperCase().replace("0X", "0x"), true);
  expect(bare.read).toEqual({ [A]: ["0x00ff"] });
});

test("calls use the storage of whom they call, delegate calls that of the caller", () => {
  const trace = [
    at(1, "CALL", "0x5208", B),
    at(2, "SSTORE", "0x1", "0x1"),
    at(2, "DELEGATECALL", "0x1", C),
    at(3, "SSTORE", "0x2", "0x1"),
    at(2, "SLOAD", "0x1"),
    at(1, "SLOAD", "0x1"),
  ];
  expect(executedSlots(trace, A, true).written).toEqual({ [B]: ["0x1", "0x2"] });
});

test("what a failed call wrote is read alone, and a failed transaction writes nothing", () => {
  const trace = [
    at(1, "CALL", "0x1", B),
    at(2, "SSTORE", "0x1", "0x1"),
    at(2, "REVERT"),
    at(1, "ISZERO", "0x0"),
    at(1, "SSTORE", "0x7", "0x1"),
  ];
  expect(executedSlots(trace, A, true)).toEqual({ read: { [B]: ["0x1"], [A]: ["0x7"] }, written: { [A]: ["0x7"] } });
  expect(executedSlots(trace, A, false).written).toEqual({});
});

test("a creation's storage is that of the address that it leaves, and a call to nobody's code changes nothing", () => {
  const trace = [
    at(1, "CREATE", "0x0"),
    at(2, "SSTORE", "0x3", "0x1"),
    at(1, "CALL", "0x" + "0".repeat(24) + C.slice(2), C),
    at(1, "SLOAD", "0x1"),
  ];
  expect(executedSlots(trace, A, true).written).toEqual({ [C]: ["0x3"] });
});
