import { Linter } from "eslint";
import ts from "typescript";
import tseslint from "typescript-eslint";

import boundaries from "../../../eslint/boundaries.cjs";
import noOutputInTemplate from "../../../eslint/no-output-in-template.cjs";
import { projectRoot } from "../../../toolchain/paths";

const declarations = `import * as pulumi from "@pulumi/pulumi";
  declare const output: pulumi.Output<string>;
  declare const input: pulumi.Input<string>;
  declare const plain: string;
`;

/** Lints each sample with types; one program for all, because reading Pulumi's declarations takes a second. */
function lintTyped(samples: Record<string, string>): Record<string, string[]> {
  const files = new Map(
    Object.entries(samples).map(([name, code]) => [`${projectRoot}/${name}.sample.ts`, declarations + code]),
  );
  const options = { module: ts.ModuleKind.Node16, strict: true, skipLibCheck: true, types: [] };
  const disk = ts.createCompilerHost(options, true);
  const compiler: ts.CompilerHost = {
    ...disk,
    fileExists: (path) => files.has(path) || disk.fileExists(path),
    getSourceFile: (path, ...rest) => {
      const code = files.get(path);
      return code === undefined
        ? disk.getSourceFile(path, ...rest)
        : ts.createSourceFile(path, code, ts.ScriptTarget.ES2022, true);
    },
  };
  const program = ts.createProgram([...files.keys()], options, compiler);
  const config = {
    files: ["**/*.ts"],
    languageOptions: { parser: tseslint.parser as never, parserOptions: { programs: [program] } },
    plugins: { meridian: { rules: { "no-output-in-template": noOutputInTemplate as never } } },
    rules: { "meridian/no-output-in-template": "error" as const },
  };
  const lint = (path: string, code: string) =>
    new Linter({ cwd: projectRoot }).verify(code, [config], path).map(({ ruleId, message }) => ruleId ?? message);
  return Object.fromEntries(Object.keys(samples).map((name, i) => [name, lint(...[...files.entries()][i]!)]));
}

test("an Output in a string is reported, whatever way it gets there; interpolate and plain strings pass", () => {
  const reported = ["meridian/no-output-in-template"];
  const found = lintTyped({
    output: "export const s = `a ${output}`;",
    inputThatMayBeAnOutput: "export const s = `a ${input}`;",
    applied: "export const s = `a ${output.apply((x) => x)}`;",
    concatenated: 'export const s = "a" + output;',
    interpolated: "export const s = pulumi.interpolate`a ${output} ${input}`;",
    plain: "export const s = `a ${plain}` + plain;",
    insideApply: "export const s = output.apply((x) => `a ${x}`);",
  });
  expect(found).toEqual({
    output: reported,
    inputThatMayBeAnOutput: reported,
    applied: reported,
    concatenated: reported,
    interpolated: [],
    plain: [],
    insideApply: [],
  });
});

describe("import directions", () => {
  const lint = (path: string, code: string) => {
    const parser = { files: ["**/*.ts"], languageOptions: { parser: tseslint.parser as never } };
    const messages = new Linter({ cwd: projectRoot }).verify(code, [parser, ...boundaries], `${projectRoot}/${path}`);
    return messages.map(({ ruleId, message }) => ruleId ?? message);
  };
  const reported = ["no-restricted-imports"];

  test.each([
    ["regions/placement.ts", 'import * as pulumi from "@pulumi/pulumi";'],
    ["regions/placement.ts", 'import type { Output } from "@pulumi/pulumi";'],
    ["besu/genesis.ts", 'import { readFileSync } from "node:fs";'],
    ["besu/genesis.ts", 'import { readFile } from "fs/promises";'],
    ["contracts/graph.ts", 'import { connect } from "node:net";'],
    ["rehearsal/report/html.ts", 'import { writeFileSync } from "node:fs";'],
    ["rehearsal/forecast/run.ts", 'import { region } from "../../components/region";'],
    ["operations/stop.ts", 'import { main } from "../cli/main";'],
    ["rehearsal/rehearsal.ts", 'import { printJson } from "../cli/output";'],
    ["components/region.ts", 'import { clock } from "../rehearsal/clock";'],
    ["index.ts", 'export * from "./rehearsal/rehearsal";'],
  ])("%s must not have: %s", (path, code) => {
    expect(lint(path, code)).toEqual(reported);
  });

  test.each([
    ["components/region.ts", 'import * as pulumi from "@pulumi/pulumi"; import { plan } from "../regions/addressing";'],
    ["cli/start.ts", 'import { rehearse } from "../rehearsal/rehearsal"; import { printJson } from "./output";'],
    ["tests/engine/clock.test.ts", 'import { rehearse } from "../../rehearsal/rehearsal";'],
    [
      "rehearsal/rehearsal.ts",
      'import { readFileSync } from "node:fs"; import { clock } from "./clock/virtual-clock";',
    ],
    ["besu/keys.ts", 'import { createHash } from "node:crypto"; import { keccak256 } from "viem";'],
  ])("%s may have: %s", (path, code) => {
    expect(lint(path, code)).toEqual([]);
  });

  test.each([
    ["Date.now()", "no-restricted-properties"],
    ["process.env.HOME", "no-restricted-globals"],
    ["fetch('x')", "no-restricted-globals"],
  ])("a pure folder must not use %s", (code, rule) => {
    expect(lint("regions/placement.ts", `export const x = ${code};`)).toEqual([rule]);
  });
});
