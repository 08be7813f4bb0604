import { readFileSync } from "node:fs";
import { join } from "node:path";

import { faultKinds, resourceWords } from "../../../../rehearsal/azure/fault-catalogue";
import { concerns, describeFaults, FaultError, faultsPage, parseFault } from "../../../../rehearsal/azure/faults";

const regions = ["japaneast", "uksouth"];
const cluster = { type: "azure-native:containerservice:ManagedCluster", region: "uksouth" };
const pool = { type: "azure-native:containerservice:AgentPool", region: "uksouth" };
const network = { type: "azure-native:network:VirtualNetwork", region: "uksouth" };

describe("--fault", () => {
  test("a fault by name, place, kind of resource and value", () => {
    expect(parseFault("throttle@japaneast", regions)).toEqual({
      name: "throttle",
      place: "japaneast",
      value: 60,
      text: "throttle@japaneast",
    });
    expect(parseFault("capacity@uksouth:cluster", regions)).toMatchObject({ place: "uksouth", what: "cluster" });
    expect(parseFault("flaky=0.02")).toEqual({ name: "flaky", value: 0.02, text: "flaky=0.02" });
    expect(parseFault("crash@n03")).toMatchObject({ name: "crash", place: "n03" });
  });

  test.each([
    ["throtle", 'there is no fault "throtle". Did you mean "throttle"? Allowed: throttle, '],
    [
      "throttle@japaneastt",
      'the stack has no region "japaneastt". Did you mean "japaneast"? Allowed: japaneast, uksouth.',
    ],
    [
      "capacity@uksouth:clutser",
      '"clutser" is no kind of resource that it is for. Did you mean "cluster"? Allowed: cluster, pool.',
    ],
    ["pool-lock:network", '"network" is no kind of resource that it is for. Allowed: pool.'],
    ["flaky=2", 'its value is "2". Allowed: a number from 0 to 1 (share of the requests).'],
    ["flaky=", 'its value is "". Allowed: a number from 0 to 1'],
    ["busy=3", "busy takes no value."],
    ["crash", "it needs a resource's logical name after @."],
    ["throttle@", "a region must follow @."],
    ["a@b@c", "it must have the form name[@region][:resource][=value]"],
  ])("%s is refused with what is allowed", (text, message) => {
    let refused: unknown;
    try {
      parseFault(text, regions);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(FaultError);
    expect(refused).toMatchObject({ exitCode: 2 });
    expect((refused as FaultError).message).toContain(`--fault ${JSON.stringify(text)}: ${message}`);
    expect((refused as FaultError).hint).toBeDefined();
  });

  test("concerns its place and its kind of resource alone", () => {
    expect(concerns(parseFault("capacity@uksouth:cluster"), cluster)).toBe(true);
    expect(concerns(parseFault("capacity@uksouth:cluster"), pool)).toBe(false);
    expect(concerns(parseFault("capacity@uksouth"), pool)).toBe(true);
    expect(concerns(parseFault("capacity@japaneast"), cluster)).toBe(false);
    expect(concerns(parseFault("capacity"), network)).toBe(false);
    expect(concerns(parseFault("throttle"), network)).toBe(true);
  });

  test("the catalogue explains every fault: what Azure answers, what the provider and the operator do", () => {
    const text = describeFaults();
    for (const name of Object.keys(faultKinds)) expect(text).toMatch(new RegExp(`^${name}[@[]`, "m"));
    for (const { what = [] } of Object.values(faultKinds) as { what?: readonly string[] }[]) {
      for (const word of what) expect(resourceWords[word]).toBeDefined();
    }
  });
});

describe("docs/rehearsal.md", () => {
  test("holds the catalogue as the code has it", () => {
    const page = readFileSync(join(__dirname, "../../../../docs/rehearsal.md"), "utf8");
    const catalogue = page.split("<!-- the catalogue -->\n\n")[1]?.split("\n\n<!-- end -->")[0];
    expect(catalogue).toBe(faultsPage());
  });
});
