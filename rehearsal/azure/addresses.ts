/** An IPv4 range as its first and last address. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/** Parses `10.1.0.0/16`; undefined when it is no IPv4 range in CIDR notation. */
export const parseRange = (cidr: string): Range | undefined => {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  if (match === null) return undefined;
  const [a = 256, b = 256, c = 256, d = 256, bits = 33] = match.slice(1).map(Number);
  if (Math.max(a, b, c, d) > 255 || bits > 32) return undefined;
  const size = 2 ** (32 - bits);
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const first = Math.floor(address / size) * size;
  return { first, last: first + size - 1 };
};

/** Whether `inner` lies wholly inside `outer`. */
export const contains = (outer: Range, inner: Range): boolean => outer.first <= inner.first && inner.last <= outer.last;

/** Whether two ranges share an address. */
export const overlap = (a: Range, b: Range): boolean => a.first <= b.last && b.first <= a.last;
