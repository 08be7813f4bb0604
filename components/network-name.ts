import * as pulumi from "@pulumi/pulumi";

import { networkOf, type Scope } from "../regions/scope";

/** Name of the network: the stack's, or of a stack that holds a part of one, what is before its last dot. */
export const networkName = (): string =>
  networkOf(pulumi.getStack(), new pulumi.Config("meridian").get<Scope>("scope") ?? "fleet");
