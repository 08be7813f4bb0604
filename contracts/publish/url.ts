/**
 * A path under an address that may have a path of its own.
 * @param base an http(s) address, with or without a slash at its end
 */
export const under = (base: string, path: string, query: Readonly<Record<string, string>> = {}): URL => {
  const url = new URL(path, base.endsWith("/") ? base : `${base}/`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
};
