import type { VerifyResult } from "../verify/verify";
import type { Publication } from "./publish";

/** What came of one contract: the proof, then each service. */
export interface ContractReport {
  /** Logical name, `chain138-weth9`. */
  readonly name: string;
  readonly chain: string;
  readonly address: string;
  /** Whether the proof is perfect and every service has it. */
  readonly ok: boolean;
  /** Null when the comparison itself was not possible. */
  readonly proof: VerifyResult | null;
  /** Why there is no proof; null when there is one. */
  readonly error: string | null;
  /** In the order sourcify, blockscout, etherscan; empty unless the proof is perfect. */
  readonly published: readonly Publication[];
}

/** Everything that `meridian verify --json` prints. */
export interface VerifyReport {
  readonly version: 1;
  /** In the order of the suite, chain 138 first. */
  readonly contracts: readonly ContractReport[];
  readonly summary: { readonly total: number; readonly verified: number; readonly failed: number };
}

/** Whether a contract counts as verified. Pure. */
export const isOk = ({ proof, published }: Pick<ContractReport, "proof" | "published">): boolean =>
  proof?.verdict === "perfect" && published.every(({ status }) => status !== "failed");

/** Puts the report together. Pure. */
export function reportOf(contracts: readonly ContractReport[]): VerifyReport {
  const verified = contracts.filter(({ ok }) => ok).length;
  return { version: 1, contracts, summary: { total: contracts.length, verified, failed: contracts.length - verified } };
}

/** Rows of the table for people, the header first: a column for each service that was asked. Pure. */
export function tableOf({ contracts }: VerifyReport): string[][] {
  const services = [...new Set(contracts.flatMap(({ published }) => published.map(({ service }) => service)))];
  const header = ["CONTRACT", "ADDRESS", "OFFLINE", ...services.map((service) => service.toUpperCase())];
  const rows = contracts.map(({ name, address, proof, published }) => [
    name,
    address,
    proof?.verdict ?? "no proof",
    ...services.map((service) => published.find((each) => each.service === service)?.status ?? "-"),
  ]);
  return [header, ...rows];
}

/** One sentence for each thing that failed, by name. Pure. */
export function failuresOf({ contracts }: VerifyReport): string[] {
  return contracts.flatMap(({ name, proof, error, published }) => {
    const unproved = proof === null ? [`${name}: no proof: ${error ?? "unknown"}`] : [];
    const differs =
      proof === null || proof.verdict === "perfect"
        ? []
        : [`${name}: ${proof.verdict}: ${proof.reason ?? "no reason"}; it is not published`];
    const refused = published
      .filter(({ status }) => status === "failed")
      .map(({ service, said }) => `${name}: ${service}: ${said ?? "failed without a reason"}`);
    return [...unproved, ...differs, ...refused];
  });
}
