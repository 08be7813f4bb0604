/** What stands where a key stood. */
const HIDDEN = "[key]";

/** A text without keys, neither as they are nor as a URL holds them. Pure. */
export const redact = (text: string, secrets: readonly string[]): string =>
  secrets
    .filter((secret) => secret !== "")
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .reduce((left, secret) => left.replaceAll(secret, HIDDEN), text);
