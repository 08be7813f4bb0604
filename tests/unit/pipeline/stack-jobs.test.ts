import { stackWorkflow } from "../../../pipeline/stack-jobs";

test("regions wait for what is shared and for nothing of each other, and the contracts for all of them", () => {
  const regions = ["net.japaneast", "net.uksouth"];
  const { jobs } = stackWorkflow({ global: "net.global", regions, contracts: "net.contracts", runners: 2 });
  const lineOf = ({ steps }: { steps: readonly Readonly<Record<string, unknown>>[] }) => steps.at(-1)!.run;

  expect(jobs.global).not.toHaveProperty("needs");
  expect(jobs.regions).toMatchObject({
    needs: "global",
    strategy: { "fail-fast": false, "max-parallel": 2, matrix: { stack: regions } },
  });
  expect(jobs.contracts.needs).toBe("regions");
  expect([jobs.global, jobs.regions, jobs.contracts].map(lineOf)).toEqual(
    ["net.global", "${{ matrix.stack }}", "net.contracts"].map(
      (stack) => `pulumi up --stack ${stack} --parallel 2147483647 --yes --skip-preview`,
    ),
  );
});
