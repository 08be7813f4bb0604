import fc from "fast-check";

import type { Operation } from "../../../../rehearsal/report/report-data";

/** An operation with times that can be, and everything else that a trace may say. */
export const operation: fc.Arbitrary<Operation> = fc
  .record({
    group: fc.constantFrom("japaneast", "uksouth", "global", "chain138"),
    name: fc.stringMatching(/^[a-z]{1,8}$/),
    arrivedMs: fc.nat(10_000),
    queuedMs: fc.oneof(fc.constant(0), fc.nat(2_000)),
    heldMs: fc.oneof(fc.constant(0), fc.nat(5_000)),
    workShare: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
    throttled: fc.array(fc.tuple(fc.nat(20_000), fc.nat(3_000)), { maxLength: 3 }),
  })
  .map(({ group, name, arrivedMs, queuedMs, heldMs, workShare, throttled }) => ({
    urn: `urn:pulumi:dev::meridian::azure-native:network:Subnet::${group}-${name}`,
    kind: "create",
    arrivedMs,
    startMs: arrivedMs + queuedMs,
    endMs: arrivedMs + queuedMs + heldMs,
    workMs: Math.round(heldMs * workShare),
    outcome: "succeeded",
    throttled: throttled.map(([startMs, length]) => ({ startMs, endMs: startMs + length })),
  }));

export const operations = fc.array(operation, { maxLength: 60 });
