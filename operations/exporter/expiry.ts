import { connect } from "node:tls";

/** Something that ends some day. */
export interface RegionExpiry {
  readonly region: string;
  readonly name: string;
  /** Milliseconds of the epoch. */
  readonly atMs: number;
}

/** Reads what ends; throws when it cannot. */
export type ExpirySource = (signal: AbortSignal) => Promise<readonly RegionExpiry[]>;

/** Where a certificate is presented. */
export interface TlsEndpoint {
  readonly host: string;
  readonly port: number;
}

/**
 * When the certificate ends that a server presents. Whether it is to be trusted is for its callers to judge: one that has
 * expired must be told of, too. Nothing is sent beyond the handshake.
 */
export const certificateExpiry =
  (region: string, name: string, { host, port }: TlsEndpoint): ExpirySource =>
  (signal) =>
    new Promise((found, fail) => {
      const socket = connect({ host, port, rejectUnauthorized: false }, () => {
        const { valid_to: until } = socket.getPeerCertificate();
        const atMs = Date.parse(until);
        end();
        if (Number.isNaN(atMs)) fail(new Error(`${host}:${port} presents no certificate.`));
        else found([{ region, name, atMs }]);
      });
      const abort = (): void => {
        end();
        fail(new Error(`${host}:${port} was not asked to the end.`, { cause: signal.reason }));
      };
      const end = (): void => {
        signal.removeEventListener("abort", abort);
        socket.destroy();
      };
      socket.once("error", (error: Error) => {
        end();
        fail(error);
      });
      if (signal.aborted) abort();
      else signal.addEventListener("abort", abort, { once: true });
    });
