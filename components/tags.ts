import type { Fleet } from "../fleet";
import { networkName } from "./network-name";

/** The tags of every Azure resource of a scope: the user's own, and what tells stacks and regions apart on a bill. */
export const tagsOf = (fleet: Pick<Fleet, "tags">, scope: string): Readonly<Record<string, string>> => ({
  ...fleet.tags,
  "meridian-stack": networkName(),
  "meridian-region": scope,
});
