import type { KeyClientOptions, KeyVaultKey } from "@azure/keyvault-keys";
import type { TokenCredential } from "@azure/identity";
import { publicKeyToAddress } from "viem/accounts";
import { keccak256, serializeTransaction } from "viem/utils";
import { messageOf } from "../errors";
import { parseSignature, recoverable, SignatureError } from "./ecdsa-signature";
import { KeyVaultError, type KeyVaultKeyId } from "./key-id";
import type { Signer } from "./signer";

/** What a signer is made with; all but `id` for tests. */
export interface KeyVaultSignerOptions {
  readonly id: KeyVaultKeyId;
  /** @default DefaultAzureCredential: environment, workload identity, managed identity, Azure CLI */
  readonly credential?: TokenCredential;
  readonly client?: KeyClientOptions;
}

/**
 * A signer whose secp256k1 key never leaves Azure Key Vault: each transaction's hash is signed there (ES256K). The
 * account needs the permissions `keys/get` and `keys/sign` (role Key Vault Crypto User). Throttling (429) and 5xx are
 * tried again by the SDK, as the vault's Retry-After says.
 *
 * @throws {KeyVaultError} when the key cannot be read, or is none of secp256k1
 */
export async function keyVaultSigner({ id, credential: given, client }: KeyVaultSignerOptions): Promise<Signer> {
  const { CryptographyClient, KeyClient } = await import("@azure/keyvault-keys");
  const credential = given ?? new (await import("@azure/identity")).DefaultAzureCredential();
  const where = `${id.vaultUrl}/keys/${id.name}`;
  const version = id.version === undefined ? {} : { version: id.version };
  const key = await attempt(where, "read", () =>
    new KeyClient(id.vaultUrl, credential, client).getKey(id.name, version),
  );
  const address = publicKeyToAddress(publicKeyOf(key, where));
  // The version that was read is the one that signs, even when the key is rotated meanwhile.
  const vault = new CryptographyClient(key, credential, client);
  return {
    address,
    signTransaction: async (transaction) => {
      const hash = keccak256(serializeTransaction(transaction));
      const { result } = await attempt(where, "used to sign", () =>
        vault.sign("ES256K", Buffer.from(hash.slice(2), "hex")),
      );
      try {
        return serializeTransaction(transaction, await recoverable(hash, parseSignature(result), address));
      } catch (error) {
        if (!(error instanceof SignatureError)) throw error;
        throw new KeyVaultError(`The vault's signature by ${where} cannot be used: ${error.message}.`, nothingSent);
      }
    },
  };
}

const nothingSent = "Nothing was sent.";

/** The public key as 65 bytes, uncompressed. @throws {KeyVaultError} */
function publicKeyOf({ key, keyType, properties }: KeyVaultKey, where: string): `0x${string}` {
  if (properties.enabled === false) throw new KeyVaultError(`The key ${where} is disabled.`, "Enable it.");
  const { crv, x, y } = key ?? {};
  if (crv !== "P-256K" || x === undefined || y === undefined) {
    throw new KeyVaultError(
      `The key ${where} is of type ${keyType ?? "unknown"}${crv === undefined ? "" : `, curve ${crv}`}; Ethereum signs with P-256K (secp256k1).`,
      "Make one: az keyvault key create --kty EC --curve P-256K --ops sign …",
    );
  }
  const text = (part: Uint8Array): string => Buffer.from(part).toString("hex").padStart(64, "0");
  return `0x04${text(x)}${text(y)}`;
}

/** What an error of the SDK tells. */
interface SdkError {
  readonly name?: unknown;
  readonly statusCode?: unknown;
  readonly code?: unknown;
}

/** Does something at the vault, and tells a failure in a sentence; tokens and bodies are not quoted. */
async function attempt<T>(where: string, what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { name, statusCode, code } = error as SdkError;
    const [reason, remedy] = explain(name, statusCode, code, error);
    throw new KeyVaultError(`The key ${where} cannot be ${what}: ${reason}.`, `${remedy} ${nothingSent}`, {
      cause: error,
    });
  }
}

function explain(name: unknown, status: unknown, code: unknown, error: unknown): readonly [string, string] {
  switch (status) {
    case 401:
      return ["the vault does not accept who asks (401)", "Log in: az login, or give the machine an identity."];
    case 403:
      return [
        `it is forbidden (403${typeof code === "string" ? `, ${code}` : ""})`,
        "Grant keys/get and keys/sign, and see the vault's firewall.",
      ];
    case 404:
      return ["there is no such key (404)", "Check its identifier."];
    case 429:
      return ["the vault is asked too often (429), again and again", "Run this again later."];
  }
  if (typeof status === "number") return [`the vault answers ${status}`, "Run this again later."];
  if (typeof name === "string" && /Credential|Authentication/.test(name)) {
    return ["there is no login to Azure", "Log in: az login, or give the machine an identity."];
  }
  return [typeof code === "string" ? `no connection: ${code}` : messageOf(error), "Check the network."];
}
