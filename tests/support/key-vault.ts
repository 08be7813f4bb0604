import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { hexToBytes, numberToHex, type Hex } from "viem";
import { privateKeyToAccount, sign } from "viem/accounts";
import { lowS, SECP256K1_ORDER } from "../../contracts/signers/ecdsa-signature";
import { keyVaultSigner } from "../../contracts/signers/key-vault";
import type { Signer } from "../../contracts/signers/signer";

/** How the vault misbehaves; honest without. */
export interface VaultTrouble {
  readonly curve?: string;
  readonly disabled?: boolean;
  /** Statuses of the first requests that bear a token, in this order; then it is honest. */
  readonly refuse?: readonly number[];
  /** The signature is of another key, or no signature at all. */
  readonly signature?: "foreign" | "short";
}

export interface Vault {
  readonly url: string;
  /** `GET /keys/deployer 401` and so on, in order. */
  readonly seen: string[];
  /** Makes a signer with the vault's key. */
  readonly signer: () => Promise<Signer>;
}

const VERSION = "0123456789abcdef0123456789abcdef";
const TOKEN = "token-of-the-test";
const base64url = (hex: Hex): string => Buffer.from(hex.slice(2), "hex").toString("base64url");

const read = async (request: IncomingMessage): Promise<string> => {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += String(chunk);
  return text;
};

/** Retries of the SDK without its pauses. */
const quick = { maxRetries: 3, retryDelayInMs: 1, maxRetryDelayInMs: 5 };
/** The SDK speaks HTTPS alone; here it may speak HTTP. */
const overHttp = {
  position: "perRetry" as const,
  policy: {
    name: "overHttp",
    sendRequest: (request: { allowInsecureConnection?: boolean }, next: (request: never) => Promise<never>) => {
      request.allowInsecureConnection = true;
      return next(request as never);
    },
  },
};

/**
 * Runs `work` with an Azure Key Vault that holds one key and behaves as its REST API is documented (keys/get and
 * keys/sign, 7.x): an authentication challenge first, base64url without padding, r ‖ s as the signature, s in either
 * half of the order.
 */
export async function withVault<T>(
  privateKey: Hex,
  trouble: VaultTrouble,
  work: (vault: Vault) => Promise<T>,
): Promise<T> {
  const seen: string[] = [];
  const refusals = [...(trouble.refuse ?? [])];
  const { publicKey } = privateKeyToAccount(privateKey);
  const kid = (): string => `${url}/keys/deployer/${VERSION}`;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await read(request);
    const say = (status: number, json: object, headers: Record<string, string> = {}): void => {
      seen.push(`${request.method} ${request.url?.split("?")[0]} ${status}`);
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(json));
    };
    const refuse = (status: number, code: string, headers = {}): void => {
      say(status, { error: { code, message: "no" } }, headers);
    };
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      const challenge =
        'Bearer authorization="https://login.microsoftonline.com/00000000-0000-0000-0000-000000000001", resource="https://vault.azure.net"';
      refuse(401, "Unauthorized", { "www-authenticate": challenge });
      return;
    }
    const status = refusals.shift();
    if (status !== undefined) {
      refuse(status, status === 403 ? "Forbidden" : "Throttled", { "retry-after": "0" });
      return;
    }
    if (request.method === "GET") {
      const [x, y] = [publicKey.slice(4, 68), publicKey.slice(68)].map((part) => base64url(`0x${part}`));
      const key = { kid: kid(), kty: "EC", key_ops: ["sign", "verify"], crv: trouble.curve ?? "P-256K", x, y };
      say(200, { key, attributes: { enabled: trouble.disabled !== true } });
      return;
    }
    const { alg, value } = JSON.parse(body) as { alg: string; value: string };
    if (alg !== "ES256K") {
      refuse(400, "BadParameter");
      return;
    }
    const hash: Hex = `0x${Buffer.from(value, "base64url").toString("hex")}`;
    const signer: Hex = trouble.signature === "foreign" ? numberToHex(7, { size: 32 }) : privateKey;
    const signed = await sign({ hash, privateKey: signer });
    const { r, s } = lowS({ r: BigInt(signed.r), s: BigInt(signed.s) });
    const high = hash.endsWith("1") || hash.endsWith("8") || hash.endsWith("c") ? s : SECP256K1_ORDER - s;
    const bytes = [numberToHex(r, { size: 32 }), numberToHex(high, { size: 32 })].map((hex) => hexToBytes(hex));
    const whole = Buffer.concat(bytes).subarray(0, trouble.signature === "short" ? 40 : 64);
    say(200, { kid: kid(), value: whole.toString("base64url") });
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const signer = (): Promise<Signer> =>
    keyVaultSigner({
      id: { vaultUrl: url, name: "deployer" },
      credential: { getToken: () => Promise.resolve({ token: TOKEN, expiresOnTimestamp: Date.now() + 3_600_000 }) },
      client: { disableChallengeResourceVerification: true, retryOptions: quick, additionalPolicies: [overHttp] },
    });
  try {
    return await work({ url, seen, signer });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
