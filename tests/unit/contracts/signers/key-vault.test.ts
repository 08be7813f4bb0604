import { numberToHex, parseTransaction, recoverTransactionAddress, type TransactionSerializableEIP1559 } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { KeyVaultError, parseKeyVaultKey } from "../../../../contracts/signers/key-id";
import { chooseSigner } from "../../../../contracts/signers/choose";
import { withVault, type VaultTrouble } from "../../../support/key-vault";

const privateKey = numberToHex(0x1234567890abcdefn, { size: 32 });
const account = privateKeyToAccount(privateKey);
const transaction = (nonce: number): TransactionSerializableEIP1559 => ({
  type: "eip1559",
  chainId: 138,
  nonce,
  to: account.address,
  gas: 21_000n,
  maxFeePerGas: 7n,
  maxPriorityFeePerGas: 1n,
});

test("a vault signs the same transactions as the key at hand, whichever half of the order its s is in", () =>
  withVault(privateKey, {}, async ({ signer, seen }) => {
    const found = await signer();
    expect(found.address).toBe(account.address);
    for (const nonce of [0, 1, 2, 3, 4, 5]) {
      const signed = await found.signTransaction(transaction(nonce));
      const local = await account.signTransaction(transaction(nonce));
      const signature = { r: undefined, s: undefined, v: undefined, yParity: undefined };
      expect({ ...parseTransaction(signed), ...signature }).toEqual({ ...parseTransaction(local), ...signature });
      expect(await recoverTransactionAddress({ serializedTransaction: signed as `0x02${string}` })).toBe(
        account.address,
      );
    }
    expect(seen.slice(0, 2)).toEqual(["GET /keys/deployer/ 401", "GET /keys/deployer/ 200"]);
    expect(seen.at(-1)).toMatch(/^POST \/keys\/deployer\/[0-9a-f]{32}\/sign 200$/);
  }));

test("429 and 503 are tried again, and then it signs", () =>
  withVault(privateKey, { refuse: [429, 503] }, async ({ signer, seen }) => {
    expect(await (await signer()).signTransaction(transaction(0))).toMatch(/^0x02/);
    expect(seen.filter((line) => / (429|503)$/.test(line))).toHaveLength(2);
  }));

test.each<[string, VaultTrouble, RegExp]>([
  ["another curve", { curve: "P-256" }, /of type EC, curve P-256; Ethereum signs with P-256K/],
  ["a disabled key", { disabled: true }, /is disabled/],
  ["403", { refuse: [403] }, /cannot be read: it is forbidden \(403, Forbidden\)/],
  ["404", { refuse: [404] }, /there is no such key/],
  ["429 without end", { refuse: Array(20).fill(429) as number[] }, /asked too often \(429\), again and again/],
  ["401 after a token", { refuse: Array(9).fill(401) as number[] }, /does not accept who asks/],
])("%s is one error that names the key", (_, trouble, words) =>
  withVault(privateKey, trouble, async ({ signer, url }) => {
    const error: unknown = await signer().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KeyVaultError);
    expect((error as KeyVaultError).message).toMatch(words);
    expect((error as KeyVaultError).message).toContain(`${url}/keys/deployer`);
  }),
);

test.each<[string, VaultTrouble, RegExp]>([
  ["of another key", { signature: "foreign" }, /it is not of 0x/],
  ["that is none", { signature: "short" }, /neither r and s of 64 bytes nor DER/],
])("a signature %s is never used", (_, trouble, words) =>
  withVault(privateKey, trouble, async ({ signer }) => {
    const found = await signer();
    await expect(found.signTransaction(transaction(0))).rejects.toThrow(words);
  }),
);

test("a vault that is not there is told as a lost connection", () =>
  withVault(privateKey, {}, ({ signer }) => Promise.resolve(signer)).then((signer) =>
    expect(signer()).rejects.toThrow(/no connection: ECONNREFUSED|ECONNREFUSED/),
  ));

test("an identifier is read with and without a version", () => {
  const id = "https://contoso.vault.azure.net/keys/deployer";
  expect(parseKeyVaultKey(id)).toEqual({ vaultUrl: "https://contoso.vault.azure.net", name: "deployer" });
  const version = "0123456789abcdef0123456789abcdef";
  expect(parseKeyVaultKey(`${id}/${version}`)).toMatchObject({ version });
});

test.each([
  "contoso",
  "http://contoso.vault.azure.net/keys/deployer",
  "https://contoso.vault.azure.net/secrets/deployer",
  "https://contoso.example.org/keys/deployer",
  "https://contoso.vault.azure.net.example.org/keys/deployer",
  "https://user@contoso.vault.azure.net/keys/deployer",
])("%s is refused as an identifier", (text) => {
  expect(() => parseKeyVaultKey(text)).toThrow(KeyVaultError);
});

test("a key at hand comes before the vault's; without either the error names all three ways", async () => {
  const vaultKey = { MERIDIAN_DEPLOYER_KEY_VAULT_KEY: "https://contoso.vault.azure.net/keys/deployer" };
  expect((await chooseSigner({ ...vaultKey, MERIDIAN_DEPLOYER_KEY: privateKey })).address).toBe(account.address);
  await expect(chooseSigner({})).rejects.toMatchObject({ hint: expect.stringMatching(/KEY_FILE.*KEY .*VAULT_KEY/) });
  await expect(chooseSigner({ MERIDIAN_DEPLOYER_KEY_VAULT_KEY: "x" })).rejects.toThrow('"x" is no identifier');
});
