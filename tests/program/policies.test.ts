import { readFileSync } from "node:fs";
import { join } from "node:path";

import { plainType } from "../../policy/resource";
import { judge } from "../../policy/rules";
import { parsePolicySettings } from "../../policy/settings";
import { projectRoot } from "../../toolchain/paths";
import { runProgram } from "./program";

const settingsOf = (file: string) =>
  parsePolicySettings(JSON.parse(readFileSync(join(projectRoot, "policy", file), "utf8")), file);

const resourcesOf = async (stack: string) => {
  const { resources } = await runProgram(readFileSync(join(projectRoot, `Pulumi.${stack}.yaml`), "utf8"), stack);
  return resources.map(({ type, name, inputs, protect }) => ({ type: plainType(type), name, props: inputs, protect }));
};

test("every resource of the fleet passes every policy, as it stands", async () => {
  const resources = await resourcesOf("fleet");
  expect(judge(resources, {})).toEqual([]);
});

test("every resource of dev passes but for what dev loosens, and that is what policy/dev.json switches off", async () => {
  const resources = await resourcesOf("dev");
  expect(judge(resources, settingsOf("dev.json"))).toEqual([]);
  const loosened = new Set(judge(resources, {}).map(({ policy }) => policy));
  expect([...loosened].sort()).toEqual(Object.keys(settingsOf("dev.json")).sort());
});
