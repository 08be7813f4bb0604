import { MeridianError } from "../../errors";
import { suggest } from "../../regions/suggest";

/** What can be wrong with a region while it is operated. */
export const troubleKinds = {
  fail: "Azure accepts an operation on the cluster and ends it as Failed (InternalServerError)",
  hang: "Azure answers no request for the cluster",
  silent: "the validators take connections and answer nothing",
  lag: "the validators follow the chain 50 blocks behind",
} as const;

export type TroubleKind = keyof typeof troubleKinds;

/** Trouble by region. */
export type Troubles = ReadonlyMap<string, TroubleKind>;

const isKind = (text: string): text is TroubleKind => text in troubleKinds;

/**
 * Reads `fail@japaneast`.
 *
 * @param regions that there are
 * @throws MeridianError for another kind or region, or a region with two troubles
 */
export function parseTroubles(texts: readonly string[], regions: readonly string[]): Troubles {
  const troubles = new Map<string, TroubleKind>();
  for (const text of texts) {
    const [kind = "", region = "", ...rest] = text.split("@");
    if (!isKind(kind) || rest.length > 0) {
      const kinds = Object.keys(troubleKinds).join(", ");
      throw new MeridianError(`--trouble ${text} is none. Allowed: one of ${kinds}, an @, and a region.`);
    }
    if (!regions.includes(region)) {
      const near = suggest(region, regions);
      const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
      throw new MeridianError(
        `--trouble ${text}: the stack has no region "${region}".${hint} Allowed: ${regions.join(", ")}.`,
      );
    }
    if (troubles.has(region)) throw new MeridianError(`--trouble names ${region} twice. Give one for a region.`);
    troubles.set(region, kind);
  }
  return troubles;
}
