import { createHash } from "node:crypto";

import { reportHtml } from "../../../../rehearsal/report/html";
import { escapeHtml, jsonForScript } from "../../../../rehearsal/report/markup";
import { contrast, type Palette, palettes } from "../../../../rehearsal/report/palette";
import { type ReportData, reportData, type ReportedRun } from "../../../../rehearsal/report/report-data";
import { devRun, withTroubles } from "../../../support/run";

const assets = { script: "let a = 1;", style: "p{margin:0}" };
const given = { stack: "dev", seed: 7, parallel: 64, contracts: [] };
const page = (run: ReportedRun, more: Partial<Parameters<typeof reportData>[1]> = {}): string =>
  reportHtml(reportData(run, { ...given, ...more }), assets);
const embedded = (html: string): ReportData =>
  JSON.parse(/<script type="application\/json" id="data">([^]*?)<\/script>/.exec(html)![1]!) as ReportData;
const hostile = `</script><script>alert(1)</script><!--"'&\u2028`;

describe("escaping", () => {
  test("data in a script element cannot end it, and is read back as it was", () => {
    const json = jsonForScript({ hostile });
    expect(json).not.toMatch(/[<>&\u2028\u2029]/);
    expect(JSON.parse(json)).toEqual({ hostile });
  });

  test("text cannot become markup, in an element or in an attribute", () => {
    expect(escapeHtml(`<a href="x" id='y'>&amp;`)).toBe("&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;");
  });

  test("a hostile name in any place of the run breaks out nowhere", () => {
    const run = withTroubles(devRun(), {
      "chain138-weth9-verification": { urn: `urn:pulumi:test::meridian::command:local:Command::chain138-${hostile}` },
      "uksouth-cluster-aks": { outcome: "failed", errorCode: hostile, faults: [hostile] },
    });
    const html = page(run, {
      stack: hostile,
      contracts: [{ chain: hostile, name: hostile, address: hostile, verification: hostile }],
    });
    expect(html).not.toContain("alert(1)</script>");
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html.match(/<\/script>/g)).toHaveLength(2);
    expect(html).not.toContain("<!--");
    expect(embedded(html).stack).toBe(hostile);
  });
});

describe("page", () => {
  test("loads nothing, and allows its own script and style alone", () => {
    const html = page(devRun());
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)![1]!;
    const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    const style = /<style>([^]*?)<\/style>/.exec(html)![1]!;
    expect(policy.split("; ")).toEqual([
      "default-src 'none'",
      `script-src ${hash(assets.script)}`,
      `style-src ${hash(style)}`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(html).not.toMatch(/\s(src|href|style|on\w+)=|url\(|@import|https?:/);
  });

  test("says what was run, how it ended and that nothing was created", () => {
    const run = devRun();
    const html = page(run, {
      contracts: [{ chain: "chain138", name: "weth9", address: "0x2E522BB5", verification: "perfect" }],
    });
    expect(html).toContain("Rehearsal of stack dev");
    expect(html).toContain("✓ succeeded");
    expect(html).toContain("nothing was created in Azure and nothing was charged");
    expect(html).toContain("<dt>Seed</dt><dd>7</dd>");
    expect(html).toContain("<dt>Regions</dt><dd>5</dd>");
    expect(html).toContain("<code>0x2E522BB5</code>");
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
  });

  test("lists what failed and what was hit by a fault, with the code, and nothing otherwise", () => {
    const run = withTroubles(devRun(), {
      "uksouth-cluster-aks": { outcome: "failed", errorCode: "QuotaExceeded", faults: ["capacity"] },
      "eastus-cluster-aks": { faults: ["flaky"], retries: 2 },
    });
    const troubles = /<section id="troubles"[^]*?<\/section>/.exec(page({ ...run, exitCode: 1 }))![0];
    expect(troubles).toContain("QuotaExceeded");
    expect(troubles.match(/<tr>/g)).toHaveLength(3);
    expect(page({ ...run, exitCode: 1 })).toContain("✕ failed: 1 operation<");
    expect(page(devRun())).not.toContain('id="troubles"');
  });

  test("lists the critical path in order, each step with the button that shows it", () => {
    const run = devRun();
    const html = page(run);
    const data = embedded(html);
    const list = /<section id="critical-path"[^]*?<\/section>/.exec(html)![0];
    const shown = [...list.matchAll(/data-operation="(\d+)"/g)].map((match) => Number(match[1]));
    const steps = data.criticalPath.map(({ operation }) => operation);
    expect(shown).toEqual(steps.filter((index) => data.operations[index]!.workMs > 0));
    expect(data.operations[shown.at(-1)!]!.endMs).toBe(run.virtualMs);
  });

  test("shows a forecast only when there is one, with this run as a point", () => {
    const forecast = [1, 8, 64].map((parallel) => ({ parallel, p50Ms: 4e6 / parallel, p95Ms: 5e6 / parallel }));
    const html = page(devRun(), { forecast });
    expect(html.match(/class="this-run"/g)).toHaveLength(1);
    expect(html.match(/class="dot"/g)).toHaveLength(3);
    expect(html).not.toMatch(/NaN|Infinity/);
    expect(page(devRun())).not.toContain("forecast-chart");
    expect(page(devRun(), { forecast: forecast.slice(2) })).not.toMatch(/NaN|Infinity/);
  });

  test("a run in which nothing happened still gives a page", () => {
    const html = page({ exitCode: 0, changes: {}, trace: [], virtualMs: 0, verdicts: {} });
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
    expect(embedded(html).operations).toEqual([]);
  });

  test("the same run gives the same page, byte for byte", () => {
    expect(page(devRun())).toBe(page(devRun()));
  });
});

describe("data", () => {
  test("holds of an operation what the report shows, and nothing that a trace may hold beside it", () => {
    const run = devRun();
    const secret = { inputs: { key: "0xsecret" }, realSeconds: 3 };
    const trace = run.trace.map((entry) => ({ ...entry, ...secret }));
    const { operations } = reportData({ ...run, trace }, given);
    expect(operations).toHaveLength(run.trace.length);
    const fields = new Set(operations.flatMap(Object.keys));
    expect([...fields].sort()).toEqual(["arrivedMs", "endMs", "kind", "outcome", "startMs", "urn", "workMs"]);
  });

  test("keeps what Azure did to an operation, and drops what is empty", () => {
    const told = { retries: 3, faults: ["flaky"], errorCode: "Conflict" };
    const run = withTroubles(devRun(), {
      "uksouth-group": { ...told, throttledMs: [[1, 2]] },
      "eastus-group": { throttledMs: [], retries: 0, faults: [] },
    });
    const { operations } = reportData(run, given);
    const of = (name: string) => operations.find(({ urn }) => urn.endsWith(`::${name}`));
    expect(of("uksouth-group")).toMatchObject({ ...told, throttled: [{ startMs: 1, endMs: 2 }] });
    expect(of("eastus-group")).not.toHaveProperty("throttled");
    expect(of("eastus-group")).not.toHaveProperty("faults");
  });

  test("an approximate virtual time is said to be one", () => {
    expect(page({ ...devRun(), verdicts: { window: 2 } })).toContain("(approximate)");
  });
});

describe.each(["light", "dark"] as const)("colours, %s", (scheme) => {
  const palette: Palette = palettes[scheme];

  test("text is readable (WCAG AA: 4.5)", () => {
    for (const ground of [palette.background, palette.surface]) {
      for (const text of ["text", "muted", "accent", "failed", "succeeded"] as const) {
        expect([text, contrast(palette[text], ground) >= 4.5]).toEqual([text, true]);
      }
    }
    for (const [kind, { fill, text }] of Object.entries(palette.bars)) {
      expect([kind, contrast(text, fill) >= 4.5]).toEqual([kind, true]);
    }
    expect(contrast(palette.onFailed, palette.failed)).toBeGreaterThanOrEqual(4.5);
  });

  test("graphics stand out from the background (WCAG AA: 3)", () => {
    for (const graphic of ["critical", "failed", "waiting", "border", "accent"] as const) {
      expect([graphic, contrast(palette[graphic], palette.background) >= 3]).toEqual([graphic, true]);
    }
    for (const [kind, { fill, edge }] of Object.entries(palette.bars)) {
      const best = Math.max(contrast(fill, palette.background), contrast(edge, palette.background));
      expect([kind, best >= 3]).toEqual([kind, true]);
    }
    expect(contrast(palette.onThrottled, palette.throttled)).toBeGreaterThanOrEqual(3);
  });
});

test("contrast is WCAG's: black on white 21, a colour on itself 1", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 10);
  expect(contrast("#767676", "#ffffff")).toBeCloseTo(4.54, 2);
  expect(contrast("#123456", "#123456")).toBe(1);
});
