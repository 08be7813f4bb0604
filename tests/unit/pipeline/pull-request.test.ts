import fc from "fast-check";

import {
  LONGEST_COMMENT,
  MARKER,
  needsAttention,
  renderPullRequest,
  type StackChange,
  type StackSide,
} from "../../../pipeline/pull-request";
import { stepsOf } from "../../../rehearsal/protocol/engine-events";

const side = (more: Partial<StackSide> = {}): StackSide => ({
  ...{ firstDeploymentSeconds: 1200, usdAMonth: 1000, withoutPrice: ["traffic"] },
  ...{ validators: 5, stoppable: 1, anyRegions: 1, ...more },
});
const step = (op: string, name: string, type = "azure-native:network:NatGateway", keys?: string[]) => ({
  ...{ op, type, urn: `urn:pulumi:dev::meridian::${type}::${name}` },
  ...(keys && { keys }),
});
const change = (more: Partial<StackChange> = {}): StackChange => ({
  ...{ stack: "dev", parallel: 24, base: side(), head: side(), updateSeconds: 62 },
  ...{ steps: [], addresses: {}, violations: [], errors: [], ...more },
});

describe("the comment on a pull request", () => {
  test("of a change that does nothing says so, and can be found again", () => {
    const text = renderPullRequest([change()]);
    expect(text.startsWith(MARKER)).toBe(true);
    expect(text).toContain("No resource changes.");
    expect(text).toContain("| a first deployment, rehearsed with --parallel 24 | 20 min 00 s | 20 min 00 s | none |");
    expect(needsAttention([change()])).toBe(false);
  });

  test("begins with lost validators, disks and keys, in bold, and says what forces it", () => {
    const steps = [
      step("create", "japaneast-a"),
      step("replace", "japaneast-cluster-validators", "azure-native:containerservice:AgentPool", ["vmSize"]),
      step("replace", "uksouth-storage", "kubernetes:storage.k8s.io/v1:StorageClass"),
      step("delete", "global-key-uksouth-0", "random:index/randomBytes:RandomBytes"),
    ];
    const blocks = renderPullRequest([change({ steps })]).split("\n\n");
    expect(blocks[3]).toMatch(/^\*\*⚠/);
    expect(blocks[4]?.split("\n")).toEqual([
      "- **replace japaneast-cluster-validators: a validator's machine** (vmSize)",
      "- **replace uksouth-storage: a validator's disk**",
      "- **delete global-key-uksouth-0: a validator's key**",
    ]);
  });

  test("counts by region and in all", () => {
    const steps = [step("create", "japaneast-a"), step("update", "japaneast-b"), step("delete", "uksouth-a")];
    const text = renderPullRequest([change({ steps })]);
    expect(text).toContain("| japaneast | 1 | 1 | 0 | 0 |\n| uksouth | 0 | 0 | 0 | 1 |\n| **all** | 1 | 1 | 0 | 1 |");
  });

  test("shows time, price and quorum before and after, and what has no price", () => {
    const head = side({ firstDeploymentSeconds: 4000, usdAMonth: 23_649.4, stoppable: 0 });
    const text = renderPullRequest([change({ head })]);
    expect(text).toContain("| 20 min 00 s | 1 h 06 min 40 s | +46 min 40 s |");
    expect(text).toContain("| list price a month, USD | 1,000 | 23,649 | +22,649 |");
    expect(text).toContain("| validators that may stop before the chain halts | 1 | 0 | −1 |");
    expect(text).toContain("Not in the price: 1 kinds of things");
  });

  test("names contracts that would be deployed, and where", () => {
    const command = "command:local:Command";
    const address = `0x${"ab".repeat(20)}`;
    const steps = [
      step("replace", "chain138-weth9", command),
      step("create", "chain1-new", command),
      step("update", "chain138-other", command),
    ];
    const text = renderPullRequest([
      change({ steps, addresses: { "chain138-weth9": address, "chain1-new": address } }),
    ]);
    expect(text).toContain(`- chain138-weth9 at \`${address}\` (again)\n- chain1-new at \`${address}\` (new)`);
    expect(text).not.toContain("chain138-other at");
  });

  test("asks for attention when the head fails or a policy is violated, and shows what is not known as unknown", () => {
    const failing = change({ head: undefined, updateSeconds: undefined, errors: ["it broke\nat some place"] });
    expect(needsAttention([change(), failing])).toBe(true);
    const text = renderPullRequest([failing]);
    expect(text).toContain("**Errors**\n\n- it broke\n");
    expect(text).toContain("| validators | 5 | unknown | unknown |");
    const violations = [{ policy: "tagged", resource: "japaneast-x", message: "tags lack a" }];
    expect(needsAttention([change({ violations })])).toBe(true);
    expect(renderPullRequest([change({ violations })])).toContain("- `tagged`: japaneast-x: tags lack a");
  });

  test("is no longer than GitHub takes, and lists are cut with a count", () => {
    const violations = Array.from({ length: 50 }, (_, index) => ({
      policy: "tagged",
      resource: `r${index}`,
      message: "m",
    }));
    expect(renderPullRequest([change({ violations })])).toContain("- … and 10 more");
    const long = change({ errors: Array.from({ length: 40 }, () => "x".repeat(5000)) });
    const text = renderPullRequest([long]);
    expect(text.length).toBeLessThanOrEqual(LONGEST_COMMENT);
    expect(text).toContain("the rest is in the run's artifact");
  });

  test("lets nobody put mark-up, a mention or a marker of their own into it", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (given) => {
        const hostile = `${given}<!-- x -->@team [a](b) **c**\n## d`;
        const text = renderPullRequest([
          change({
            stack: hostile,
            violations: [{ policy: "tagged", resource: hostile, message: hostile }],
            errors: [hostile],
          }),
        ]);
        expect(text.indexOf("<!--", MARKER.length)).toBe(-1);
        expect(text).not.toMatch(/@team|\]\(b\)|\*\*c|^## d/m);
      }),
    );
  });
});

describe("the steps that the engine's events tell", () => {
  const event = (op: string, urn: string, keys?: string[]) => ({
    resourcePreEvent: { metadata: { urn, type: "t", op, ...(keys && { keys }) } },
  });

  test("are one a resource, a replacement whole whatever its parts' order, without what stays", () => {
    const parts = [
      event("create-replacement", "a", ["vmSize"]),
      event("replace", "a", ["vmSize"]),
      event("delete-replaced", "a"),
    ];
    const orders = [parts, [...parts].reverse(), [parts[2]!, parts[0]!, parts[1]!]];
    for (const order of orders) {
      expect(stepsOf([...order, event("same", "b"), event("read", "c"), event("delete", "d")])).toEqual([
        { urn: "a", type: "t", op: "replace", keys: ["vmSize"] },
        { urn: "d", type: "t", op: "delete" },
      ]);
    }
  });
});
