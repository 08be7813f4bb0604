import type { Hex } from "viem";

/** Besu's default port of the peer-to-peer protocol (RLPx), TCP. */
export const P2P_PORT = 30303;

/**
 * The URL at which peers reach a node: `enode://<128 hex digits>@10.3.0.10:30303`.
 *
 * @param publicKey 64 bytes, uncompressed, without the leading 04
 * @param address an IP address: Besu refuses hostnames in static nodes unless experimental DNS flags are set
 */
export const enodeUrl = (publicKey: Hex, address: string, port = P2P_PORT): string =>
  `enode://${publicKey.slice(2)}@${address}:${port}`;
