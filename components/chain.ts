import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import { enodeUrl } from "../besu/enode";
import type { GenesisOptions } from "../besu/genesis";
import { nodeIdentity, type NodeIdentity } from "../besu/keys";
import { checkPeers, renderStaticNodes } from "../besu/static-nodes";
import type { ChainSettings, FleetRegion } from "../fleet";
import { validatorAddress } from "../regions/addressing";
import { logicalName } from "../regions/naming";
import { freezeGenesis } from "./genesis-record";

export interface ChainArgs {
  /** Chain id, timing and limits of the genesis. */
  readonly settings: ChainSettings;
  /** Where the initial validators are, and how many. */
  readonly regions: readonly FleetRegion[];
  /** Network from which every region's addresses are cut, in CIDR notation. */
  readonly supernet: string;
  /** Whether Pulumi refuses to delete the validators' keys. */
  readonly protect: boolean;
}

/** One validator's key, and what its peers know of it. */
export interface ValidatorKey {
  readonly region: string;
  /** The validator's number within its region, from 0. */
  readonly ordinal: number;
  /** Fixed address of its load balancer. */
  readonly host: string;
  /** 64 hex digits; secret. */
  readonly privateKey: pulumi.Output<string>;
  /** Account that signs its blocks; public. */
  readonly address: pulumi.Output<string>;
  /** `enode://…@10.3.0.10:30303`; public. */
  readonly enode: pulumi.Output<string>;
}

/** What a region knows of the chain. */
export type ChainFacts = Pick<Chain, "validators" | "genesis" | "staticNodes" | "of" | "peersIn">;

/** The one thing that all regions share: validator keys, the genesis made of them, and the list of peers. */
export class Chain extends pulumi.ComponentResource {
  /** Every validator of the chain, in the order of the configuration. */
  readonly validators: readonly ValidatorKey[];
  /** Text of `genesis.json`; public. */
  readonly genesis: pulumi.Output<string>;
  /** Text of `static-nodes.json`; public. */
  readonly staticNodes: pulumi.Output<string>;

  constructor(name: string, args: ChainArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:besu:Chain", name, {}, opts);
    this.validators = args.regions.flatMap((region) =>
      Array.from({ length: region.validators }, (_, ordinal) => this.createKey(region.name, ordinal, args)),
    );
    const wanted = pulumi
      .all(this.validators.map((validator) => validator.address))
      .apply((addresses) => genesisOptions(args.settings, addresses));
    const frozen = freezeGenesis(logicalName("global", "genesis"), wanted, { parent: this, protect: args.protect });
    this.genesis = frozen.apply((genesis) => JSON.stringify(genesis, null, 2));
    this.staticNodes = pulumi.all(this.validators.map((validator) => validator.enode)).apply(renderPeers);
    this.registerOutputs({ genesis: this.genesis, staticNodes: this.staticNodes });
  }

  /** Text of a `static-nodes.json` with the validators of these regions alone; public. */
  peersIn(regions: readonly string[]): pulumi.Output<string> {
    return peersIn(this.validators, regions);
  }

  /** The validators of one region. */
  of(region: string): readonly ValidatorKey[] {
    return this.validators.filter((validator) => validator.region === region);
  }

  private createKey(region: string, ordinal: number, { protect, supernet }: ChainArgs): ValidatorKey {
    const name = logicalName("global", "key", region, ordinal);
    const { hex } = new random.RandomBytes(name, { length: 32 }, { parent: this, protect });
    const identity = publish(hex.apply((key) => nodeIdentity(`0x${key}`)));
    const host = validatorAddress(region, ordinal, supernet);
    return {
      region,
      ordinal,
      host,
      privateKey: pulumi.secret(hex),
      address: identity.address,
      enode: identity.publicKey.apply((publicKey) => enodeUrl(publicKey, host)),
    };
  }
}

/**
 * The only place where something derived from a private key loses its secrecy: a node's address and public key are
 * known to every peer, and left secret they would make the genesis, and all that holds it, secret too.
 */
const publish = (identity: pulumi.Output<NodeIdentity>): pulumi.Output<NodeIdentity> => pulumi.unsecret(identity);

/** Text of a `static-nodes.json` with those of the validators that are in these regions; public. */
export function peersIn(validators: readonly ValidatorKey[], regions: readonly string[]): pulumi.Output<string> {
  const near = validators.filter((validator) => regions.includes(validator.region));
  return pulumi.all(near.map((validator) => validator.enode)).apply(renderPeers);
}

function renderPeers(enodes: readonly string[]): string {
  checkPeers(enodes);
  return renderStaticNodes(enodes);
}

function genesisOptions(settings: ChainSettings, addresses: readonly string[]): GenesisOptions {
  const { chainId, blockPeriodSeconds, requestTimeoutSeconds, blockGasLimit } = settings;
  const validators = addresses as readonly `0x${string}`[];
  return { chainId, validators, blockPeriodSeconds, requestTimeoutSeconds, blockGasLimit: BigInt(blockGasLimit) };
}
