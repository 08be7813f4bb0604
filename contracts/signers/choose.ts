import { deployerAccount } from "../deploy/key";
import { KEY_VAULT_VARIABLE, parseKeyVaultKey } from "./key-id";
import { keyVaultSigner } from "./key-vault";
import type { Signer } from "./signer";

/**
 * Who signs: the key in the file that MERIDIAN_DEPLOYER_KEY_FILE names, else the one in MERIDIAN_DEPLOYER_KEY, else the
 * one in the vault that MERIDIAN_DEPLOYER_KEY_VAULT_KEY identifies. A key at hand comes first, so that a rehearsal of a
 * stack that signs in a vault signs with the rehearsal's own key.
 *
 * @throws {DeployerKeyError}, {KeyVaultError}
 */
export async function chooseSigner(environment: NodeJS.ProcessEnv = process.env): Promise<Signer> {
  const isSet = (name: string): boolean => (environment[name] ?? "").trim() !== "";
  const local = isSet("MERIDIAN_DEPLOYER_KEY_FILE") || isSet("MERIDIAN_DEPLOYER_KEY");
  const vaultKey = environment[KEY_VAULT_VARIABLE];
  if (local || vaultKey === undefined || vaultKey === "") return deployerAccount(environment);
  return keyVaultSigner({ id: parseKeyVaultKey(vaultKey) });
}
