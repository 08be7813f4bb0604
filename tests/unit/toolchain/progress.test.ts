import { formatSeconds, showProgress } from "../../../toolchain/progress";

test.each([
  [900, "0 s"],
  [59_999, "59 s"],
  [125_000, "2 min 05 s"],
])("%d ms is written as %s", (ms, text) => {
  expect(formatSeconds(ms)).toBe(text);
});

describe("steps", () => {
  let now = 0;
  let written = "";
  beforeEach(() => {
    jest.useFakeTimers();
    now = 0;
    written = "";
  });
  afterEach(() => jest.useRealTimers());

  const stream = (isTTY: boolean) => ({ isTTY, write: (text: string) => (written += text) });
  const pass = (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      now += 1000;
      jest.advanceTimersByTime(1000);
    }
  };

  test("without a terminal there is a plain line every ten seconds", () => {
    const progress = showProgress(stream(false), () => now);
    progress({ kind: "started", text: "Building pulumi" });
    pass(25);
    progress({ kind: "done", text: "Building pulumi" });
    expect(written).toBe(
      "… Building pulumi\n… Building pulumi (10 s)\n… Building pulumi (20 s)\n✓ Building pulumi (25 s)\n",
    );
  });

  test("on a terminal one line counts the seconds", () => {
    const progress = showProgress(stream(true), () => now);
    progress({ kind: "started", text: "Building" });
    pass(2);
    progress({ kind: "failed", text: "Building: no compiler" });
    expect(written.split("\r\u001b[K")).toEqual([
      "… Building",
      "… Building (1 s)",
      "… Building (2 s)",
      "✗ Building: no compiler (2 s)\n",
    ]);
  });

  test("no timer runs on after the end", () => {
    const progress = showProgress(stream(false), () => now);
    progress({ kind: "started", text: "Building" });
    progress({ kind: "done", text: "Building" });
    expect(jest.getTimerCount()).toBe(0);
  });
});
