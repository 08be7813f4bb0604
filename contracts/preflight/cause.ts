import type { PlannedArgument } from "../plan";

const textOf = (value: unknown): string => (Array.isArray(value) ? value.map(String).join(", ") : String(value));

/** Whether an argument holds a value that the error names; addresses in any case. */
const holds = (argument: PlannedArgument, told: readonly unknown[]): boolean => {
  const values = (Array.isArray(argument.value) ? (argument.value as unknown[]) : [argument.value]).map(String);
  return told.some((value) => values.some((own) => own.toLowerCase() === String(value).toLowerCase()));
};

const describe = ({ name, value, source }: PlannedArgument): string => `${name} = ${textOf(value)} (${source})`;

/**
 * Says which constructor arguments a revert is about: those that hold a value that the error names, else all. Pure.
 *
 * @param told values of the decoded error
 */
export function causeOf(args: readonly PlannedArgument[], told: readonly unknown[]): string {
  if (args.length === 0) return "It has no arguments.";
  const named = args.filter((argument) => holds(argument, told));
  const list = (named.length > 0 ? named : args).map(describe).join("; ");
  return named.length > 0 ? `The argument it tells of: ${list}.` : `Its arguments: ${list}.`;
}
