/** Text that is safe between tags and inside quoted attributes. */
export const escapeHtml = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");

/**
 * JSON that no HTML parser can see an end of the script element or a comment in, and that is the same to JSON.parse.
 * `<` occurs in JSON only inside strings, where an escape may stand for it.
 */
export const jsonForScript = (value: unknown): string =>
  JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** A percentage with two digits, as SVG takes it. */
export const percent = (share: number): string => `${Number((share * 100).toFixed(2))}%`;
