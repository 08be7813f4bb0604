import fc from "fast-check";

import { cellOf, columns, find, sortBy, valueOf } from "../../../../rehearsal/report/find";
import { reportData } from "../../../../rehearsal/report/report-data";
import { devRun, withTroubles } from "../../../support/run";
import { operations as arbitrary } from "./arbitrary";

const run = withTroubles(devRun(), {
  "japaneast-cluster-aks": { throttledMs: [[20_000, 30_000]], retries: 1 },
  "uksouth-cluster-aks": { outcome: "failed", errorCode: "QuotaExceeded", faults: ["capacity"] },
});
const { operations } = reportData(run, { stack: "dev", seed: 1, parallel: 64, contracts: [] });
const none = new Set<number>();
const names = (query: string, critical: ReadonlySet<number> = none): string[] =>
  find(operations, query, critical).map((index) => operations[index]!.urn.split("::").at(-1)!);

describe("search", () => {
  test("an empty query finds every operation", () => {
    expect(find(operations, "  ", none)).toEqual(operations.map((_, index) => index));
  });

  test("all words must occur, whatever their order and case", () => {
    expect(names("CLUSTER-aks uksouth")).toEqual(["uksouth-cluster-aks"]);
    expect(names("uksouth nothing")).toEqual([]);
  });

  test.each([
    ["failed", ["uksouth-cluster-aks"]],
    ["quotaexceeded", ["uksouth-cluster-aks"]],
    ["capacity", ["uksouth-cluster-aks"]],
    ["fault", ["uksouth-cluster-aks"]],
    ["throttled", ["japaneast-cluster-aks"]],
    ["managedcluster japaneast", ["japaneast-cluster-aks"]],
  ])("%s is found by what happened or by type", (query, found) => {
    expect(names(query)).toEqual(found);
  });

  test("critical finds the critical path, a kind its operations", () => {
    expect(find(operations, "critical", new Set([3, 7]))).toEqual([3, 7]);
    expect(names("contracts").every((name) => name.startsWith("chain138-"))).toBe(true);
    expect(names("contracts")).toHaveLength(5);
  });
});

describe("table", () => {
  test.each(columns)("sorted by %s nothing is lost, and descending is ascending turned round", (column) => {
    fc.assert(
      fc.property(arbitrary, (list) => {
        const indexes = list.map((_, index) => index);
        const up = sortBy(list, indexes, column, "ascending");
        expect([...up].sort((a, b) => a - b)).toEqual(indexes);
        const values = up.map((index) => valueOf(list[index]!, column));
        values.slice(1).forEach((value, before) => expect(value >= values[before]!).toBe(true));
        const down = sortBy(list, indexes, column, "descending").map((index) => valueOf(list[index]!, column));
        expect(down).toEqual(values.toReversed());
      }),
    );
  });

  test("a cell says what happened, in words and units", () => {
    const row = (name: string) => {
      const operation = operations.find(({ urn }) => urn.endsWith(`::${name}`))!;
      return columns.map((column) => cellOf(operation, column));
    };
    expect(row("uksouth-cluster-aks").slice(-3)).toEqual(["failed: QuotaExceeded", "Azure", "create"]);
    expect(row("japaneast-cluster-aks")[4]).toBe("10.0 s");
    expect(row("eastus-cluster-aks").slice(3, 5)).toEqual(["–", "–"]);
  });
});
