import { main } from "../../../cli/main";
import { faultKinds } from "../../../rehearsal/azure/fault-catalogue";

/** What a command line prints, and its exit code. */
const run = async (...argv: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
  const said = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    jest.spyOn(process[name], "write").mockImplementation((text) => {
      said[name] += String(text);
      return true;
    }),
  );
  try {
    return { code: await main(argv), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
};

describe("meridian rehearse", () => {
  test("--list-faults explains every fault of the catalogue", async () => {
    const { code, stdout } = await run("rehearse", "--list-faults");
    expect(code).toBe(0);
    for (const [name, { operator }] of Object.entries(faultKinds)) {
      expect(stdout).toContain(name);
      expect(stdout).toContain(operator);
    }
  });

  test("--list-faults --json is one document", async () => {
    const { stdout } = await run("rehearse", "--list-faults", "--json");
    expect(JSON.parse(stdout)).toEqual({ schemaVersion: 1, faults: faultKinds });
  });

  test("a misspelt fault is one message with the nearest name, exit code 2", async () => {
    const { code, stdout, stderr } = await run("rehearse", "--fault", "flakey=0.02");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain('error: --fault "flakey=0.02": there is no fault "flakey". Did you mean "flaky"?');
    expect(stderr).toContain("--list-faults");
  });
});
