import { z } from "zod";

import { METHODS, type Recording } from "../recorded";
import { AnalysisError } from "./errors";

const hex = z.string().regex(/^0x[0-9a-fA-F]*$/, "no hexadecimal text with 0x");
const number = z.union([z.int(), hex]);
const account = z.object({
  balance: hex.optional(),
  nonce: number.optional(),
  code: hex.optional(),
  storage: z.record(hex, hex).optional(),
});
const state = z.record(hex, account);
const slots = z.record(hex, z.array(hex));
const changes = z.array(z.object({ txIndex: z.int() })).optional();

const blockSchema = z
  .object({
    block: z.object({
      ...{ number: hex, hash: hex, miner: hex, baseFeePerGas: hex.optional() },
      transactions: z.array(
        z.object({
          ...{ hash: hex, from: hex, to: hex.nullish(), input: hex.optional(), value: hex.optional() },
          ...{ gas: hex.optional(), gasPrice: hex.optional(), maxFeePerGas: hex.optional() },
          authorizationList: z.array(z.unknown()).optional(),
        }),
      ),
    }),
    receipts: z.array(
      z.object({
        transactionHash: hex,
        gasUsed: hex,
        effectiveGasPrice: hex.optional(),
        status: hex.optional(),
        contractAddress: hex.nullish(),
      }),
    ),
    prestate: z.array(state).optional(),
    diff: z.array(z.object({ pre: state, post: state })).optional(),
    balanceReads: z.array(z.enum(["none", "own", "any"]).nullable()).optional(),
    slots: z.array(z.object({ read: slots, written: slots }).nullable()).optional(),
    accessList: z
      .object({
        accountChanges: z.array(
          z.object({
            address: hex,
            storageChanges: z
              .array(z.object({ slot: hex, changes: z.array(z.object({ txIndex: z.int() })) }))
              .optional(),
            storageReads: z.array(hex).optional(),
            ...{ balanceChanges: changes, nonceChanges: changes, codeChanges: changes },
          }),
        ),
      })
      .optional(),
  })
  .superRefine(({ block, receipts, prestate, diff, accessList }, context) => {
    const { length } = block.transactions;
    const refuse = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    if (receipts.length !== length) refuse("receipts", `${receipts.length} for ${length} transactions`);
    if (accessList !== undefined && prestate === undefined) return;
    if (prestate?.length !== length) refuse("prestate", `${prestate?.length ?? 0} for ${length} transactions`);
    if (diff?.length !== length) refuse("diff", `${diff?.length ?? 0} for ${length} transactions`);
  });

const recordingSchema = z.object({
  schemaVersion: z.literal(1),
  chainId: z.int().min(1),
  method: z.enum(METHODS),
  blocks: z.array(blockSchema).min(1, "no block"),
});

/** A recording, as `--save` wrote it. @throws {AnalysisError} naming the file and what is wrong in it */
export function parseRecording(text: string, file: string) {
  const refuse = (why: string, cause?: unknown) =>
    new AnalysisError(`${file} is no recording of blocks: ${why}.`, {
      hint: "Make one with: npx meridian execution analyse --rpc URL --blocks A..B --save FILE",
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refuse("it is no JSON", cause);
  }
  const parsed = recordingSchema.safeParse(value);
  if (parsed.success) return parsed.data as unknown as Recording;
  const [issue] = parsed.error.issues;
  throw refuse(`${issue?.path.join(".") ?? "it"}: ${issue?.message ?? "unknown"}`);
}
