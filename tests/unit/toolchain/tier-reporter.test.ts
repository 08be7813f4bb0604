import TierReporter from "../../tier-reporter.cjs";

const file = (tier: string, counts: object) => ({
  displayName: { name: tier },
  numPassingTests: 0,
  numFailingTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
  ...counts,
});

const reportOf = (testResults: object[], unavailable = {}, skipped = {}) => {
  let text = "";
  const reporter = new TierReporter({}, {}, { out: { write: (line: string) => (text += line) }, unavailable, skipped });
  reporter.onRunComplete(new Set(), { testResults });
  return { lines: text.trimEnd().split("\n"), error: reporter.getLastError() };
};

test("the files of a tier are added up and the total stands alone on the last line", () => {
  const { lines } = reportOf([
    file("unit", { numPassingTests: 3 }),
    file("unit", { numPassingTests: 2, numFailingTests: 1 }),
    file("chain", { numPassingTests: 4 }),
  ]);
  expect(lines.map((line) => line.replace(/ +/g, " "))).toEqual([
    "tier passed failed skipped",
    "unit 5 1 0",
    "chain 4 0 0",
    "",
    "9 passed, 1 failed, 0 skipped",
  ]);
});

test("a file that does not load is a failure", () => {
  expect(reportOf([file("unit", { testExecError: new Error("syntax") })]).lines.at(-1)).toBe(
    "0 passed, 1 failed, 0 skipped",
  );
});

test("a skipped test is listed by its name", () => {
  const testResults = [{ status: "pending", fullName: "runs a real QBFT network (skipped: no besu)" }];
  const { lines } = reportOf([file("besu", { numPendingTests: 1, testResults })]);
  expect(lines).toContain("skipped (besu): runs a real QBFT network (skipped: no besu)");
});

test("a tier whose tool cannot be had is a failure with its reason", () => {
  const { lines, error } = reportOf([file("unit", { numPassingTests: 1 })], { engine: "pulumi cannot be had here." });
  expect(lines).toContain("engine did not run: pulumi cannot be had here.");
  expect(lines.at(-1)).toBe("1 passed, 1 failed, 0 skipped");
  expect(error).toBeInstanceOf(Error);
});

test("a tier that not every machine can run is counted as skipped, with its reason, and is no failure", () => {
  const testResults = [{ status: "pending", fullName: "blocks advance" }];
  const { lines, error } = reportOf(
    [file("unit", { numPassingTests: 1 }), file("besu", { numPendingTests: 1, testResults })],
    {},
    { besu: "besu cannot be had here.", cluster: "not selected in this run" },
  );
  expect(lines).toContain("besu skipped: besu cannot be had here.");
  expect(lines.join()).not.toContain("cluster");
  expect(lines.at(-1)).toBe("1 passed, 0 failed, 1 skipped");
  expect(error).toBeUndefined();
});
