import { privateKeyToAccount, type PrivateKeyAccount } from "viem/accounts";
import { isHex, size } from "viem/utils";
import { ContractsError } from "../errors";
import { readSecretFile } from "../secret-file";

/** The deployer's key is missing, unreadable, or readable by others. The message never holds the key. */
export class DeployerKeyError extends ContractsError {}

const readKeyFile = (path: string): string =>
  readSecretFile(path, "key file", (problem, remedy) => new DeployerKeyError(problem, remedy));

/**
 * The deployer's account, from the file that MERIDIAN_DEPLOYER_KEY_FILE names, else from MERIDIAN_DEPLOYER_KEY.
 * @throws {DeployerKeyError}
 */
export function deployerAccount(environment: NodeJS.ProcessEnv = process.env): PrivateKeyAccount {
  const path = environment.MERIDIAN_DEPLOYER_KEY_FILE;
  const text = path === undefined || path === "" ? environment.MERIDIAN_DEPLOYER_KEY?.trim() : readKeyFile(path);
  if (text === undefined || text === "") {
    throw new DeployerKeyError(
      "There is no deployer key.",
      [
        "Set MERIDIAN_DEPLOYER_KEY_FILE to a file of mode 600 that holds it, MERIDIAN_DEPLOYER_KEY to the key,",
        "or MERIDIAN_DEPLOYER_KEY_VAULT_KEY to the identifier of a key in Azure Key Vault.",
      ].join(" "),
    );
  }
  const key = text.startsWith("0x") ? text : `0x${text}`;
  if (!isHex(key) || size(key) !== 32) {
    throw new DeployerKeyError("The deployer key is not 32 bytes of hexadecimal.", "Correct the key file.");
  }
  try {
    return privateKeyToAccount(key);
  } catch {
    throw new DeployerKeyError("The deployer key is no valid secp256k1 key.", "Correct the key file.");
  }
}
