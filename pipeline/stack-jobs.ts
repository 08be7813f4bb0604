/** One job of a workflow that deploys stacks. */
interface StackJob {
  readonly "runs-on": string;
  readonly needs?: string;
  readonly strategy?: {
    readonly "fail-fast": false;
    readonly "max-parallel": number;
    readonly matrix: { readonly stack: readonly string[] };
  };
  readonly steps: readonly Readonly<Record<string, unknown>>[];
}

export interface StackJobsOptions {
  /** Stack of what all regions share. */
  readonly global: string;
  /** Stacks of the regions, in the order in which they begin. */
  readonly regions: readonly string[];
  readonly contracts: string;
  /** Runners at a time. */
  readonly runners: number;
}

/**
 * A workflow of GitHub that deploys a network whose regions have stacks of their own: what is shared, then the regions side
 * by side on as many runners as there may be, then the contracts. One region that fails keeps no other from its end.
 */
export function stackWorkflow({ global, regions, contracts, runners }: StackJobsOptions) {
  const job = (stack: string, needs?: string): StackJob => ({
    "runs-on": "ubuntu-latest",
    ...(needs !== undefined && { needs }),
    steps: [
      { uses: "actions/checkout@v4" },
      { uses: "actions/setup-node@v4", with: { "node-version": 20, cache: "npm" } },
      { run: "npm ci" },
      { run: `pulumi up --stack ${stack} --parallel 2147483647 --yes --skip-preview` },
    ],
  });
  return {
    name: "deploy",
    on: { workflow_dispatch: {} },
    // The state has one writer at a time, and so have the regions.
    concurrency: { group: "deploy", "cancel-in-progress": false },
    jobs: {
      global: job(global),
      regions: {
        ...job("${{ matrix.stack }}", "global"),
        strategy: { "fail-fast": false as const, "max-parallel": runners, matrix: { stack: regions } },
      },
      contracts: job(contracts, "regions"),
    },
  };
}
