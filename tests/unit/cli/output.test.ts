import { createProgram, main } from "../../../cli/main";
import { formatTable } from "../../../table";
import { reportError } from "../../../cli/output";
import { MeridianError } from "../../../errors";

const report = (error: unknown) => {
  let text = "";
  const code = reportError(error, { write: (part: string) => (text += part) });
  return { code, text };
};

test("an expected error is its sentence and what to do, without a stack", () => {
  expect(report(new MeridianError("Region atlantis is unknown.", { hint: "Use japaneast." }))).toEqual({
    code: 2,
    text: "error: Region atlantis is unknown.\n\nUse japaneast.\n",
  });
});

test("an expected error may have an exit code of its own", () => {
  expect(report(new MeridianError("Verification failed.", { exitCode: 1 })).code).toBe(1);
});

test("anything else is a bug: the stack and exit code 1", () => {
  const { code, text } = report(new TypeError("x is undefined"));
  expect(code).toBe(1);
  expect(text).toMatch(/^This is a bug in Meridian:\nTypeError: x is undefined\n\s+at /);
});

test("a table has aligned columns and no trailing blanks", () => {
  expect(
    formatTable([
      ["a", "b"],
      ["long", ""],
      ["x", "y"],
    ]),
  ).toBe("a     b\nlong\nx     y");
});

test("every sub-command has a description and an example in its help", () => {
  for (const command of createProgram().commands) {
    let help = "";
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    expect(command.description()).not.toBe("");
    expect(help).toContain("Example:");
  }
});

test("an unknown command exits with 2, help with 0", async () => {
  const quiet = [process.stdout, process.stderr].map((stream) => jest.spyOn(stream, "write").mockReturnValue(true));
  expect([await main(["nonsense"]), await main(["--help"])]).toEqual([2, 0]);
  for (const spy of quiet) spy.mockRestore();
});
