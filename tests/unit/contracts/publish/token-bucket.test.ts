import fc from "fast-check";
import {
  fullBucket,
  holdUntil,
  reserve,
  type Bucket,
  type Rate,
  type Reservation,
} from "../../../../contracts/publish/token-bucket";

type Reserve = (bucket: Bucket, rate: Rate, nowMs: number) => Reservation;

/** When requests leave that ask at these times, in order. */
function departures(gaps: readonly number[], rate: Rate, take: Reserve = reserve): number[] {
  let [bucket, now] = [fullBucket, 1_000];
  return gaps.map((gap) => {
    now += gap;
    const reservation = take(bucket, rate, now);
    bucket = reservation.bucket;
    return reservation.atMs;
  });
}

/** The window of a width that holds more requests than the rate allows; undefined when there is none. */
function overfull(times: readonly number[], { intervalMs, burst }: Rate): string | undefined {
  for (const [first, from] of times.entries()) {
    for (let last = first; last < times.length; last++) {
      const width = times[last]! - from;
      const count = last - first + 1;
      if (count > burst + width / intervalMs) return `${count} in ${width} ms`;
    }
  }
  return undefined;
}

const rates = fc.record({ intervalMs: fc.integer({ min: 1, max: 2_000 }), burst: fc.integer({ min: 1, max: 10 }) });
const gaps = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3_000 })), { maxLength: 60 });

test("no window of any width holds more requests than burst and rate allow", () => {
  fc.assert(fc.property(gaps, rates, (asked, rate) => overfull(departures(asked, rate), rate) === undefined));
});

test("nobody leaves before asking, nor before who asked earlier, and nobody waits for a token that is there", () => {
  fc.assert(
    fc.property(gaps, rates, (asked, rate) => {
      const left = departures(asked, rate);
      let now = 1_000;
      asked.forEach((gap, index) => {
        now += gap;
        expect(left[index]).toBeGreaterThanOrEqual(now);
        if (index > 0) expect(left[index]).toBeGreaterThanOrEqual(left[index - 1]!);
        const busy = left.filter((at, before) => before < index && at > now - rate.intervalMs * rate.burst);
        if (busy.length === 0) expect(left[index]).toBe(now);
      });
    }),
  );
});

test("three a second is never four in any second", () => {
  const left = departures(Array<number>(20).fill(0), { intervalMs: 334, burst: 1 });
  for (const from of left) expect(left.filter((at) => at >= from && at < from + 1_000).length).toBeLessThanOrEqual(3);
});

test("after a pause that the service asked for, nothing leaves before its end, and then at the rate", () => {
  fc.assert(
    fc.property(rates, fc.integer({ min: 0, max: 60_000 }), (rate, pause) => {
      const held = holdUntil(reserve(fullBucket, rate, 1_000).bucket, rate, 1_000 + pause);
      let bucket = held;
      const left = Array.from({ length: 12 }, () => {
        const { bucket: next, atMs } = reserve(bucket, rate, 1_000);
        bucket = next;
        return atMs;
      });
      expect(left[0]).toBeGreaterThanOrEqual(1_000 + pause);
      left.slice(1).forEach((at, index) => expect(at - left[index]!).toBeGreaterThanOrEqual(rate.intervalMs));
    }),
  );
});

describe("the checker tells broken buckets", () => {
  const caught = (take: Reserve): boolean =>
    fc.check(fc.property(gaps, rates, (asked, rate) => overfull(departures(asked, rate, take), rate) === undefined))
      .failed;

  test("one that gives tokens back in whole windows, so that two bursts meet at the border", () => {
    expect(
      caught((bucket, { intervalMs, burst }, nowMs) => {
        const width = intervalMs * burst;
        const used = bucket.fullAtMs % 1_000_000;
        const window = Math.max(Math.floor(bucket.fullAtMs / 1_000_000), Math.floor(nowMs / width));
        const [at, count] =
          used >= burst || window > bucket.fullAtMs / 1_000_000 ? [window + 1, 1] : [window, used + 1];
        return { bucket: { fullAtMs: at * 1_000_000 + count }, atMs: Math.max(nowMs, at * width) };
      }),
    ).toBe(true);
  });

  test("one that forgets who waits already", () => {
    expect(
      caught((bucket, { intervalMs }, nowMs) => ({
        bucket: { fullAtMs: nowMs + intervalMs },
        atMs: Math.max(nowMs, bucket.fullAtMs),
      })),
    ).toBe(true);
  });

  test("one with a token too many", () => {
    expect(caught((bucket, rate, nowMs) => reserve(bucket, { ...rate, burst: rate.burst + 1 }, nowMs))).toBe(true);
  });
});
