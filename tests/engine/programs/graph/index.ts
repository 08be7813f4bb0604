import * as resources from "@pulumi/azure-native/resources";
import type * as pulumi from "@pulumi/pulumi";

import { applyEngineSpeed } from "../../../../components/engine-speed";
import type { GraphNode } from "../../support/graph";

applyEngineSpeed({ versionAliases: "drop", stackTraces: "short", debugMessages: "drop" });

const nodes = JSON.parse(process.env.MERIDIAN_TEST_GRAPH ?? "[]") as GraphNode[];
const made = new Map<string, pulumi.Resource>();

for (const { name, after, location, tag, fixedName } of nodes) {
  const dependsOn = after.map((other) => made.get(other)!);
  const args = { location, tags: { tag }, ...(fixedName !== undefined && { resourceGroupName: fixedName }) };
  made.set(name, new resources.ResourceGroup(name, args, { dependsOn, aliases: [] }));
}
