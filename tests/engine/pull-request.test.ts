import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { needsAttention, renderPullRequest } from "../../pipeline/pull-request";
import { compareInRehearsal } from "../../rehearsal/pull-request";
import { projectRoot } from "../../toolchain/paths";
import { ensurePulumi } from "../../toolchain/pulumi";

jest.setTimeout(600_000);
const folder = mkdtempSync(join(tmpdir(), "meridian-pull-request-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Dev with another configuration. */
const version = (name: string, change: Record<string, unknown>, usdAMonth: number) => {
  const settings = parse(readFileSync(join(projectRoot, "Pulumi.dev.yaml"), "utf8")) as { config: object };
  const configuration = join(folder, `${name}.yaml`);
  writeFileSync(configuration, stringify({ config: { ...settings.config, ...change } }));
  const known = { usdAMonth, withoutPrice: ["traffic"], validators: 4, stoppable: 1, anyRegions: 1 };
  return { program: projectRoot, configuration, known };
};
const regions = (...names: string[]) => ({ "meridian:regions": names.map((name) => ({ name, validators: 1 })) });
const four = ["northeurope", "brazilsouth", "japaneast", "eastasia"];

test("a pull request that adds a region and another machine size is told, the lost machines in bold and first", async () => {
  const change = await compareInRehearsal({
    ...{ stack: "dev", parallel: 64, folder: join(folder, "rehearsals"), pulumi: (await ensurePulumi()).pulumi.path },
    base: version("base", regions(...four), 700),
    head: version(
      "head",
      {
        ...regions(...four, "uksouth"),
        "meridian:cluster": {
          ...{ tier: "Free", systemVmSize: "Standard_D2s_v5", systemNodes: 1, apiServer: "open", access: "local" },
          validatorVmSize: "Standard_D4s_v5",
        },
        "meridian:contracts": {
          salt: "another",
          owner: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
          chains: { chain138: {} },
        },
      },
      900,
    ),
    policies: { "no-local-accounts": "disabled", protected: "disabled" },
  });

  expect(change.errors).toEqual([]);
  const comment = renderPullRequest([change]);
  const [, , , title, losses] = comment.split("\n\n");
  expect(title).toContain("Validators, their disks or keys would be lost");
  for (const region of four)
    expect(losses).toContain(`- **replace ${region}-cluster-validators: a validator's machine**`);
  expect(losses).not.toContain("uksouth");
  expect(comment).toMatch(/^\| uksouth \| [1-9]\d* \| 0 \| 0 \| 0 \|$/m);
  expect(comment).toMatch(/^\| list price a month, USD \| 700 \| 900 \| \+200 \|$/m);
  expect(comment).toMatch(/^- chain138-weth9 at `0x[0-9a-fA-F]{40}` \(again\)$/m);
  // The replaced machines are against the policy, and nothing else is.
  expect(new Set(change.violations.map(({ policy }) => policy))).toEqual(new Set(["no-replacement"]));
  expect(needsAttention([change])).toBe(true);
  expect(change.updateSeconds).toBeGreaterThan(0);
});
