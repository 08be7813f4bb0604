import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import { createGenesis, type Genesis, type GenesisOptions } from "../besu/genesis";
import { requireCleanGenesis } from "../besu/genesis-lint";
import {
  compareWithFrozen,
  type FreezeVerdict,
  frozenGenesis,
  type GenesisRecord,
  recordGenesis,
} from "../besu/genesis-freeze";
import { MeridianError } from "../errors";
import { refusal } from "./refusal";

/**
 * The genesis that the first deployment made, whatever the configuration says later.
 *
 * Nodes refuse a database whose genesis changed, so its validators, timing and hash are recorded with the first
 * deployment. The record lies in the state, as the `keepers` of a resource that does nothing else: `ignoreChanges` keeps
 * what was written first, and no program can lose it without deleting the resource, which `protect` refuses.
 *
 * @throws {pulumi.RunError} from the output, where the configuration would change the genesis, or halt the chain.
 */
export function freezeGenesis(
  name: string,
  wanted: pulumi.Output<GenesisOptions>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<Genesis> {
  const now = wanted.apply((options) => JSON.stringify(recordGenesis(lintedGenesis(options), options.validators)));
  const first = new random.RandomId(
    name,
    { byteLength: 1, keepers: { record: now } },
    { ...opts, ignoreChanges: ["keepers"] },
  );
  return pulumi.all([first.keepers, wanted]).apply(([keepers, options]) => {
    const record = JSON.parse(keepers?.record ?? "") as GenesisRecord;
    judge(compareWithFrozen(record, options));
    return frozenGenesis(record, options);
  });
}

/** What Besu would silently accept and Meridian never means to make is refused before any node has it. */
function lintedGenesis(options: GenesisOptions): Genesis {
  try {
    const genesis = createGenesis(options);
    requireCleanGenesis(genesis);
    return genesis;
  } catch (error) {
    throw error instanceof MeridianError ? refusal([error.message, error.hint].join("\n").trim()) : error;
  }
}

/** Refuses what would halt the chain; what needs votes goes on, with the steps that an operator has to take. */
function judge(verdict: FreezeVerdict): void {
  switch (verdict.kind) {
    case "same":
      return;
    case "votes":
      void pulumi.log.warn(["The genesis stays; validators change by vote:", ...verdict.steps].join("\n"));
      return;
    case "refused":
      throw refusal(`The chain is deployed, and its genesis is frozen. ${verdict.reasons.join(" ")}`);
  }
}
