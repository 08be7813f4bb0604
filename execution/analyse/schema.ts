import { z } from "zod";

import type { Analysis } from "./analysis";
import type { Place } from "./access";

const count = z.int().min(0);
const gas = z.int().min(0);
const bounds = z
  .record(z.string().regex(/^\d+$/), z.number().min(1))
  .describe("Upper bound of the speed-up over executing one by one, by number of cores");
const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const address = z.string().regex(/^0x[0-9a-f]{40}$/);

const cost = {
  name: z.string().describe("For people"),
  contract: z.string().nullable().describe("Name in the suite; null where it has none"),
  dependencies: count.describe("Pairs of transactions of which the later needs the earlier because of it"),
  transactions: count.describe("Transactions that wait for another because of it"),
  savedGas: gas.describe("Gas by which the critical paths would be shorter without conflicts there"),
  boundWithout: bounds,
};

/** What `meridian execution analyse --json` prints. */
export const analysisSchema = z.strictObject({
  schemaVersion: z.literal(1),
  chainId: z.int().min(1),
  method: z.string().describe("The node's method that the access sets are from"),
  cores: z.array(z.int().min(1)),
  blocks: z.array(
    z.strictObject({
      number: count,
      hash,
      transactions: count,
      gas,
      components: count.describe("Groups of transactions that have nothing to do with each other"),
      largestComponent: count.describe("Transactions of the largest"),
      criticalPathGas: gas.describe("Gas of the heaviest chain of transactions that need each other"),
      criticalPath: z.array(hash).describe("Its transactions, in the order of the block"),
      dependencies: count.describe("Pairs of transactions of which the later needs the earlier"),
      bounds,
    }),
  ),
  total: z.strictObject({
    blocks: count,
    transactions: count,
    gas,
    components: count,
    criticalPathGas: gas.describe("Sum over the blocks"),
    bounds,
  }),
  hotPlaces: z.array(
    z.strictObject({
      place: z
        .custom<Place>((value) => typeof value === "string")
        .describe("balance:, nonce: or code: and an address; storage:, an address and a slot of 32 bytes"),
      ...cost,
    }),
  ),
  hotAccounts: z.array(z.strictObject({ address, ...cost })),
  caveats: z.array(z.string()).describe("What the figures assume"),
});

/** The published JSON Schema: docs/schemas/execution-analysis.schema.json. */
export const analysisJsonSchema = (): object => ({
  title: "Analysis of meridian execution analyse",
  ...z.toJSONSchema(analysisSchema, { target: "draft-7", unrepresentable: "any" }),
});

/** The schema and the type are one. */
export const asAnalysis = (value: unknown): Analysis => analysisSchema.parse(value) as Analysis;
