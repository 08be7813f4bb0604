import { readFileSync, statSync } from "node:fs";
import { privateKeyToAccount, type PrivateKeyAccount } from "viem/accounts";
import { isHex, size } from "viem/utils";
import { ContractsError, messageOf } from "../errors";

/** The deployer's key is missing, unreadable, or readable by others. The message never holds the key. */
export class DeployerKeyError extends ContractsError {}

/** Permission bits of group and others. */
const OTHERS = 0o077;

function readKeyFile(path: string): string {
  try {
    const mode = statSync(path).mode;
    if ((mode & OTHERS) !== 0) {
      throw new DeployerKeyError(
        `The key file ${path} has mode ${(mode & 0o777).toString(8)}: other accounts can use it.`,
        "Restrict it: chmod 600.",
      );
    }
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if (error instanceof DeployerKeyError) throw error;
    throw new DeployerKeyError(`The key file ${path} cannot be read (${messageOf(error)}).`, "Check the path.");
  }
}

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
      "Set MERIDIAN_DEPLOYER_KEY_FILE to a file of mode 600 that holds it, or MERIDIAN_DEPLOYER_KEY to the key.",
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
