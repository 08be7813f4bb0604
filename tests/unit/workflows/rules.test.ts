import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";

import { MARKER } from "../../../pipeline/pull-request";
import { catalogue } from "../../../regions/catalogue";
import { projectRoot } from "../../../toolchain/paths";
import { faultsOfWorkflow } from "../../support/workflow-rules";

const folder = join(projectRoot, ".github", "workflows");
const files = readdirSync(folder).sort();
const read = (file: string): string => readFileSync(join(folder, file), "utf8");

test("the workflows are these", () => {
  expect(files).toEqual(["ci.yml", "deploy.yml", "drift.yml", "preview-comment.yml", "preview.yml"]);
});

test.each(files)("%s pins its actions, asks for no more rights than it needs, and ends", (file) => {
  expect(faultsOfWorkflow(read(file))).toEqual([]);
});

describe("a broken workflow is caught", () => {
  const good = read("preview.yml");
  test.each<[string, (text: string) => string, RegExp]>([
    [
      "an action by its tag",
      (text) => text.replace(/checkout@[0-9a-f]{40}/, "checkout@v4"),
      /checkout@v4 is not pinned/,
    ],
    ["a hash without its version", (text) => text.replace(/ # v4\.2\.2/, ""), /no version behind the hash/],
    ["rights for all jobs", (text) => text.replace("permissions: {}", "permissions: write-all"), /must be \{\}/],
    [
      "a job without rights of its own",
      (text) => text.replace(/ {4}permissions:\n {6}contents: read\n/, ""),
      /rehearse: no permissions/,
    ],
    ["a job without an end", (text) => text.replace(/ {4}timeout-minutes: 45\n/, ""), /rehearse: no timeout/],
    [
      "a token left behind",
      (text) => text.replace("persist-credentials: false", "show-progress: false"),
      /leaves its token/,
    ],
    [
      "secrets for strangers",
      (text) => text.replace("  pull_request:", "  pull_request_target:"),
      /pull_request_target/,
    ],
    [
      "a title in a script",
      (text) => text.replace('echo "$NUMBER"', "echo ${{ github.event.pull_request.title }}"),
      /holds an expression/,
    ],
  ])("%s", (_, spoil, says) => {
    const broken = spoil(good);
    expect(broken).not.toBe(good);
    expect(faultsOfWorkflow(broken).join("\n")).toMatch(says);
  });
});

describe("deploy.yml", () => {
  const { on, jobs } = parse(read("deploy.yml")) as {
    on: { workflow_dispatch: { inputs: Record<string, { options: string[] }> } };
    jobs: Record<string, { environment: string; steps: { run?: string }[] }>;
  };

  test("offers every region that has zones, as the catalogue has them (node scripts/workflow-regions.mjs)", () => {
    const names = catalogue.flatMap(({ name, availabilityZones }) => (availabilityZones === true ? [name] : []));
    expect(on.workflow_dispatch.inputs.region!.options).toEqual(["every region", ...names.sort()]);
  });

  test("offers stacks that are there", () => {
    const stacks = readdirSync(projectRoot).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
    expect(stacks).toEqual(expect.arrayContaining(on.workflow_dispatch.inputs.stack!.options));
  });

  test("waits for its environment's approval, and rolls out in waves", () => {
    expect(jobs.deploy!.environment).toBe("${{ inputs.stack }}");
    expect(jobs.deploy!.steps.map(({ run }) => run)).toContain(
      'npx meridian rollout --stack "$STACK" --waves 8,16 --yes',
    );
  });
});

test("the commenter finds its own comment by the report's marker", () => {
  expect(read("preview-comment.yml")).toContain(`const marker = "${MARKER}";`);
});

test("what strangers run reads alone, but for the job that only runs for the repository's own branches", () => {
  const { jobs } = parse(read("preview.yml")) as { jobs: Record<string, { if?: string; permissions: object }> };
  expect(jobs.rehearse!.permissions).toEqual({ contents: "read" });
  expect(jobs.real!.if).toContain("github.event.pull_request.head.repo.full_name == github.repository");
});
