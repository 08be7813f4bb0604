import { ContractsError } from "../errors";

/** Name of the environment variable that holds the identifier of a key in Azure Key Vault; it is no secret. */
export const KEY_VAULT_VARIABLE = "MERIDIAN_DEPLOYER_KEY_VAULT_KEY";

/** The key in the vault cannot be used: not there, not allowed, of another curve, or the vault does not answer. */
export class KeyVaultError extends ContractsError {}

/** A key of a vault or managed HSM, by its identifier. */
export interface KeyVaultKeyId {
  /** `https://name.vault.azure.net`. */
  readonly vaultUrl: string;
  readonly name: string;
  /** @default the newest */
  readonly version?: string;
}

/** Domains of vaults and managed HSMs: public, China, US government (Azure's list of Key Vault endpoints, 2026). */
const domains = String.raw`(?:vault\.azure\.net|vault\.azure\.cn|vault\.usgovcloudapi\.net|managedhsm\.azure\.net)`;

/** A key identifier, with or without version. */
export const keyVaultKeyPattern = new RegExp(
  String.raw`^https://[a-zA-Z0-9][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]\.${domains}/keys/[a-zA-Z0-9-]{1,127}(/[a-f0-9]{32})?$`,
);

/** Reads `https://name.vault.azure.net/keys/deployer`, with or without a version. @throws {KeyVaultError} */
export function parseKeyVaultKey(text: string): KeyVaultKeyId {
  if (!keyVaultKeyPattern.test(text)) {
    throw new KeyVaultError(
      `"${text}" is no identifier of a key in Azure Key Vault.`,
      "Write https://NAME.vault.azure.net/keys/KEY, with or without a version behind it.",
    );
  }
  const { origin, pathname } = new URL(text);
  const [, , name = "", version] = pathname.split("/");
  return { vaultUrl: origin, name, ...(version !== undefined && { version }) };
}
