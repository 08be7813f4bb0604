/** Name of the resource in a URN. */
export const nameOf = (urn: string): string => urn.split("::").at(-1) ?? urn;

/** Type token in a URN, without its parents'. */
export const typeOf = (urn: string): string => urn.split("::")[2]?.split("$").at(-1) ?? "";

/** Region, chain or `global`: what leads a logical name. */
export const groupOf = (urn: string): string => nameOf(urn).split("-")[0] ?? "";

/** Name without the region or chain that leads it. */
export const shortNameOf = (urn: string): string => nameOf(urn).slice(groupOf(urn).length + 1) || nameOf(urn);

/** What an operation works on, as the report colours it. */
export type Kind = "azure" | "kubernetes" | "contracts" | "keys" | "other";

/** The kinds, as people read them. */
export const kindNames: Readonly<Record<Kind, string>> = {
  azure: "Azure",
  kubernetes: "Kubernetes",
  contracts: "contracts",
  keys: "keys",
  other: "other",
};

const kinds: Readonly<Record<string, Kind>> = {
  "azure-native": "azure",
  kubernetes: "kubernetes",
  command: "contracts",
  random: "keys",
};

/** Kind by the package of the type. */
export const kindOf = (urn: string): Kind => kinds[typeOf(urn).split(":")[0] ?? ""] ?? "other";

/** `1 h 02 min`, `13 min 17 s` or `4.3 s`. */
export const formatDuration = (ms: number): string => {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0
    ? `${hours} h ${String(minutes).padStart(2, "0")} min`
    : `${minutes} min ${String(rest).padStart(2, "0")} s`;
};
