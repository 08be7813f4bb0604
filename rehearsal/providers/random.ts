import { randomBytes } from "node:crypto";

import type { Work } from "../clock/virtual-clock";
import { difference, type Difference } from "../protocol/difference";
import {
  type CheckCall,
  type CheckResult,
  type CreateCall,
  type DiffCall,
  type ExistingCall,
  ProviderError,
  type ResourceState,
  type SimulatedProvider,
} from "../protocol/provider";
import { type Properties, revealAll, secret, unknown } from "../protocol/values";
import { after } from "./instant";
import { versionOf } from "./version";

/** Every input of these resources forces a new value (registry.terraform.io/providers/hashicorp/random). */
const replaceOn = ["length", "byteLength", "keepers", "prefix"];

interface RandomType {
  /** Input that gives the number of bytes. */
  readonly size: "length" | "byteLength";
  readonly outputs: (bytes: Buffer) => Properties;
  readonly id: (bytes: Buffer) => string;
  readonly computed: readonly string[];
}

const types: Readonly<Record<string, RandomType>> = {
  "random:index/randomBytes:RandomBytes": {
    size: "length",
    // The id is no secret in the state file: the real provider writes "none" too.
    id: () => "none",
    computed: ["base64", "hex"],
    outputs: (bytes) => ({ base64: secret(bytes.toString("base64")), hex: secret(bytes.toString("hex")) }),
  },
  "random:index/randomId:RandomId": {
    size: "byteLength",
    id: (bytes) => bytes.toString("base64url"),
    computed: ["b64Std", "b64Url", "dec", "hex"],
    outputs: (bytes) => ({
      b64Std: bytes.toString("base64"),
      b64Url: bytes.toString("base64url"),
      dec: BigInt(`0x${bytes.toString("hex")}`).toString(),
      hex: bytes.toString("hex"),
    }),
  },
};

const typeOf = (token: string): RandomType => {
  const type = types[token];
  if (type === undefined) {
    throw new ProviderError(`The rehearsal does not model ${token}. It knows ${Object.keys(types).join(", ")}.`);
  }
  return type;
};

/** @pulumi/random: real randomness, no time. */
export class RandomProvider implements SimulatedProvider {
  readonly name = "random";
  readonly version = versionOf("@pulumi/random");

  check({ inputs }: CheckCall): CheckResult {
    return { inputs, failures: [] };
  }

  diffConfig(before: Properties, after: Properties): Difference {
    return difference(before, after, [], false);
  }

  diff({ oldInputs, inputs }: DiffCall): Difference {
    return difference(oldInputs, inputs, replaceOn, false);
  }

  preview({ type, inputs }: CreateCall): Properties {
    return { ...inputs, ...Object.fromEntries(typeOf(type).computed.map((key) => [key, unknown])) };
  }

  create({ type, inputs }: CreateCall): Work<ResourceState> {
    return after(0, () => {
      const { size, id, outputs } = typeOf(type);
      const bytes = randomBytes(Number(revealAll(inputs)[size]));
      return { id: id(bytes), outputs: { ...inputs, ...outputs(bytes) } };
    });
  }

  update({ oldOutputs, inputs }: DiffCall): Work<Properties> {
    return after(0, () => ({ ...oldOutputs, ...inputs }));
  }

  delete(): Work<void> {
    return after(0, () => undefined);
  }

  read({ id, outputs, inputs }: ExistingCall): Work<ResourceState & { inputs: Properties }> {
    return after(0, () => ({ id, outputs, inputs }));
  }

  invoke(token: string): Properties {
    throw new ProviderError(`The rehearsal does not model ${token}.`);
  }

  cancel(): void {
    // Nothing is in flight.
  }
}
