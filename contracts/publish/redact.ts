/** What stands where a key stood. */
const HIDDEN = "[key]";

/** A text without keys, neither as they are nor as a URL holds them. Pure. */
export const redact = (text: string, secrets: readonly string[]): string =>
  secrets
    .filter((secret) => secret !== "")
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .reduce((left, secret) => left.replaceAll(secret, HIDDEN), text);

/** A record whose texts hold no key: what a reader took out of an answer may repeat one. Pure. */
export const redactFields = <T extends object>(record: T, secrets: readonly string[]): T =>
  Object.fromEntries(
    Object.entries(record).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === "string" ? redact(value, secrets) : value,
    ]),
  ) as T;
