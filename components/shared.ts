import * as pulumi from "@pulumi/pulumi";

import type { Fleet } from "../fleet";
import { validatorAddress } from "../regions/addressing";
import { logicalName } from "../regions/naming";
import { partStack } from "../regions/scope";
import { Chain, type ChainFacts, peersIn, type ValidatorKey } from "./chain";
import { createGlobalEntry } from "./global-entry";
import { Mesh, type MeshMembers } from "./mesh";
import { createMonitoring, type MetricsCollection } from "./monitoring";
import { networkName } from "./network-name";
import { tagsOf } from "./tags";
import type { Transforms } from "./transforms";

/** What all regions share, made in this stack or read from another. */
export interface Shared {
  readonly chain: ChainFacts;
  readonly mesh: MeshMembers;
  /** Id of the Front Door through which all RPC calls come; undefined without one. */
  readonly frontDoorId: pulumi.Input<string> | undefined;
  /** The name that leads to the nearest healthy RPC gateway; null without one. */
  readonly rpc: pulumi.Input<string> | null;
  /** Where all regions' metrics come together; undefined without monitoring. */
  readonly monitoring: MetricsCollection | undefined;
  /** Address of the Grafana; null without one. */
  readonly grafana: pulumi.Input<string> | null;
}

/** What a `global` stack hands over to its regions besides the keys; public. */
interface HandOver {
  readonly genesis: string;
  readonly staticNodes: string;
  readonly validators: readonly { readonly name: string; readonly address: string; readonly enode: string }[];
  readonly mesh: Readonly<Record<keyof MeshMembers, string>>;
  readonly frontDoorId: string | null;
  readonly rpc: string | null;
  readonly collectionRuleId: string | null;
  readonly grafana: string | null;
}

const keyName = ({ region, ordinal }: { readonly region: string; readonly ordinal: number }): string =>
  logicalName(region, ordinal);

/** Makes the validators' keys, the genesis made of them, the list of peers, the mesh, and the global entry and the monitoring if any. */
export function createShared(fleet: Fleet, transforms: Transforms): Shared {
  const { regions, network, protect } = fleet;
  const chain = new Chain(logicalName("global", "chain"), {
    ...{ settings: fleet.chain, regions, supernet: network.supernet, protect },
  });
  // One mesh joins their networks; each region adds its own.
  const mesh = new Mesh(logicalName("global", "mesh"), {
    ...{ location: network.globalLocation, regions: regions.map(({ name }) => name), protect },
    tags: tagsOf(fleet, "global"),
    transform: transforms.mesh,
  });
  // One name for all regions' RPC gateways, if there is to be one. It knows them by name alone.
  const entry = createGlobalEntry(logicalName("global", "entry"), fleet, mesh, transforms.entry);
  // One place where all regions' metrics come together, if the configuration wants it.
  const monitoring = createMonitoring(logicalName("global", "monitoring"), fleet, mesh, transforms.monitoring);
  return {
    ...{ chain, mesh: mesh.members, frontDoorId: entry?.frontDoorId, rpc: entry?.host ?? null },
    ...{ monitoring, grafana: monitoring?.grafana ?? null },
  };
}

/**
 * What a `global` stack shows to the others: everything public as one output, and the validators' private keys as
 * another, which is secret. A stack reference takes along whether an output is secret, and nothing finer than that.
 */
export function handOver({ chain, mesh, frontDoorId, rpc, monitoring, grafana }: Shared) {
  const validators = chain.validators.map(({ region, ordinal, address, enode }) => ({
    ...{ name: keyName({ region, ordinal }), address, enode },
  }));
  const { genesis, staticNodes } = chain;
  return {
    handedOver: {
      ...{ genesis, staticNodes, validators, mesh, frontDoorId: frontDoorId ?? null, rpc, grafana },
      collectionRuleId: monitoring?.collectionRuleId ?? null,
    },
    keys: pulumi.secret(
      Object.fromEntries(chain.validators.map((validator) => [keyName(validator), validator.privateKey])),
    ),
  };
}

/** Reads what the network's `global` stack hands over. */
export function readShared(fleet: Fleet): Shared {
  const name = [pulumi.getOrganization(), pulumi.getProject(), partStack(networkName(), "global")].join("/");
  const reference = new pulumi.StackReference(logicalName("global", "shared"), { name });
  const shared = reference.requireOutput("handedOver") as pulumi.Output<HandOver>;
  const keys = reference.requireOutput("keys") as pulumi.Output<Readonly<Record<string, string>>>;
  const validators = fleet.regions.flatMap(({ name: region, validators: count }) =>
    Array.from({ length: count }, (_, ordinal): ValidatorKey => {
      const own = shared.apply((all) => find(all, keyName({ region, ordinal })));
      return {
        ...{ region, ordinal, host: validatorAddress(region, ordinal, fleet.network.supernet) },
        privateKey: pulumi.secret(keys.apply((all) => all[keyName({ region, ordinal })] ?? "")),
        address: own.apply(({ address }) => address),
        enode: own.apply(({ enode }) => enode),
      };
    }),
  );
  const chain: ChainFacts = {
    validators,
    genesis: shared.apply(({ genesis }) => genesis),
    staticNodes: shared.apply(({ staticNodes }) => staticNodes),
    of: (region) => validators.filter((validator) => validator.region === region),
    peersIn: (regions) => peersIn(validators, regions),
  };
  const mesh = {
    resourceGroupName: shared.apply((all) => all.mesh.resourceGroupName),
    networkManagerName: shared.apply((all) => all.mesh.networkManagerName),
    networkGroupName: shared.apply((all) => all.mesh.networkGroupName),
  };
  const frontDoorId = fleet.rpc.entry === "frontDoor" ? shared.apply((all) => all.frontDoorId ?? "") : undefined;
  const monitoring = fleet.monitoring.enabled
    ? { collectionRuleId: shared.apply((all) => all.collectionRuleId ?? "") }
    : undefined;
  return {
    ...{ chain, mesh, frontDoorId, monitoring },
    rpc: shared.apply((all) => all.rpc ?? ""),
    grafana: shared.apply((all) => all.grafana ?? ""),
  };
}

function find({ validators }: HandOver, name: string): HandOver["validators"][number] {
  const found = validators.find((validator) => validator.name === name);
  if (found !== undefined) return found;
  const stack = partStack(networkName(), "global");
  throw new pulumi.RunError(
    `The stack ${stack} has no validator ${name}. Deploy it first: pulumi up --stack ${stack}.`,
  );
}
