import { MeridianError } from "../errors";

/** A list of peers that Besu would refuse, or would try in vain. */
export class InvalidPeerError extends MeridianError {
  override readonly name = "InvalidPeerError";
}

/**
 * The text of `static-nodes.json`: every validator, the same file for all (a node's own enode in it is harmless).
 *
 * Besu reads it at start only. Sorted, so that the order of configuration changes nothing.
 */
export const renderStaticNodes = (enodes: readonly string[]): string => JSON.stringify([...enodes].sort(), null, 2);

const ENODE = /^enode:\/\/([0-9a-f]{128})@(\d{1,3}(?:\.\d{1,3}){3}):(\d{1,5})$/;

/**
 * Refuses peers that Besu refuses or that cannot be reached: no 64-byte key, a hostname (it needs experimental DNS
 * flags), a port out of range, or one key at two places.
 *
 * @throws {InvalidPeerError} for the first fault.
 */
export function checkPeers(enodes: readonly string[]): void {
  const placeOf = new Map<string, string>();
  for (const enode of enodes) {
    const [, key = "", address = "", port = ""] = ENODE.exec(enode) ?? [];
    const reachable = address.split(".").every((octet) => Number(octet) <= 255) && Number(port) >= 1;
    if (key === "" || !reachable || Number(port) > 65_535) {
      throw new InvalidPeerError(`"${enode}" is no peer. Give enode://<128 hex digits>@<IPv4 address>:<port>.`);
    }
    const place = `${address}:${port}`;
    const other = placeOf.get(key) ?? place;
    if (other !== place) {
      throw new InvalidPeerError(
        `The key ${key.slice(0, 16)}… is at ${other} and at ${place}. A key runs in one place: two sign against each other.`,
      );
    }
    placeOf.set(key, place);
  }
}
