import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

import { findChromium } from "../../toolchain/chromium";
import { type ReportData, reportData } from "../../rehearsal/report/report-data";
import { writeReport } from "../../rehearsal/report/write";
import { devRun, fleetRun, withTroubles } from "../support/run";
import { describeTier } from "../support/tier";

jest.setTimeout(60_000); // a browser on a busy machine

const given = {
  stack: "dev",
  seed: 3,
  parallel: 64,
  contracts: [{ chain: "chain138", name: "chain138-weth9", address: "0x2E522BB54811a992122fb8F38ccA223A1A191160" }].map(
    (contract) => ({ ...contract, verification: "perfect" }),
  ),
};
const hostile = `</script><img src=x onerror="document.title='broken'">`;

const plain = reportData(devRun(), given);
const troubled = reportData(
  {
    ...withTroubles(devRun(), {
      "japaneast-cluster-aks": { throttledMs: [[60_000, 120_000]], retries: 2, faults: ["throttle"] },
      "uksouth-cluster-aks": { outcome: "failed", errorCode: "QuotaExceeded", faults: ["capacity"] },
      "eastus-service-0": { urn: `urn:pulumi:dev::meridian::kubernetes:core/v1:Service::eastus-${hostile}` },
    }),
    exitCode: 1,
  },
  { ...given, forecast: [8, 64].map((parallel) => ({ parallel, p50Ms: 5e5, p95Ms: 6e5 })) },
);
const fleet = reportData(fleetRun(), { ...given, stack: "fleet" });

describeTier("browser", "the report in Chromium", () => {
  let folder: string;
  let browser: Browser;
  const pages: Page[] = [];
  /** What no page may do. */
  let complaints: string[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "meridian-report-"));
    for (const [name, data] of Object.entries({ plain, troubled, fleet })) {
      writeReport(join(folder, `${name}.html`), data);
    }
    const { path } = await findChromium();
    browser = await chromium.launch({ executablePath: path });
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(() => (complaints = []));

  afterEach(async () => {
    await Promise.all(pages.splice(0).map((page) => page.close()));
    expect(complaints).toEqual([]);
  });

  const open = async (name: "plain" | "troubled" | "fleet", options: BrowserContextOptions = {}): Promise<Page> => {
    const url = pathToFileURL(join(folder, `${name}.html`)).href;
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
    pages.push(page);
    page.on("console", (message) => complaints.push(`console: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
    page.on("request", (request) => {
      if (request.url() !== url) complaints.push(`request: ${request.url()}`);
    });
    await page.goto(url);
    await page.locator("#viewer[data-bars]").waitFor();
    return page;
  };

  /** What the last painting of the timeline showed. */
  const view = async (page: Page) => {
    await nextFrame(page);
    const { bars, groups, startMs, endMs } = await page.evaluate<Record<string, string>>(
      "({ ...document.getElementById('viewer').dataset })",
    );
    return {
      bars: Number(bars),
      groups: (groups ?? "").split(" ").filter(Boolean),
      startMs: Number(startMs),
      endMs: Number(endMs),
    };
  };
  const nextFrame = (page: Page): Promise<unknown> =>
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
  const count = (data: ReportData, ...texts: readonly string[]): number =>
    data.operations.filter(({ urn }) => texts.every((text) => urn.includes(text))).length;
  const regionsOf = (data: ReportData): Set<string> =>
    new Set(data.operations.map(({ urn }) => urn.split("::").at(-1)!.split("-")[0]!));

  test("shows every region, the facts, the contracts and that nothing was created", async () => {
    const page = await open("plain");
    expect(new Set((await view(page)).groups)).toEqual(regionsOf(plain));
    expect(await page.locator("#found").textContent()).toBe(`${plain.operations.length} operations`);
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Rehearsal of stack dev ✓ succeeded");
    expect(await page.locator("header").textContent()).toContain("nothing was created in Azure");
    expect(await page.locator("#contracts td").allTextContents()).toContain(given.contracts[0]!.address);
  });

  test.each([
    ["plain", plain],
    ["fleet", fleet],
  ] as const)("%s: on paper every operation is one bar", async (name, data) => {
    const page = await open(name);
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect((await view(page)).bars).toBe(data.operations.length);
  });

  test("a fleet has its 24 regions, and all its operations in the table", async () => {
    const page = await open("fleet");
    expect((await view(page)).groups).toHaveLength(26);
    await page.getByRole("button", { name: "Show all 1,398" }).click();
    expect(await page.locator("#table tbody tr").count()).toBe(fleet.operations.length);
  });

  test("search filters the timeline and the table, and says how many it found", async () => {
    const page = await open("plain");
    await page.getByRole("searchbox").fill("uksouth kubernetes");
    const expected = count(plain, "kubernetes:", "::uksouth-");
    expect(await page.locator("#found").textContent()).toBe(`${expected} of ${plain.operations.length} operations`);
    expect(await view(page)).toMatchObject({ groups: ["uksouth"], bars: expected });
    expect(await page.locator("#table tbody tr").count()).toBe(20);
    const names = await page.locator("#table tbody .link").allTextContents();
    expect(names.every((text) => text.startsWith("uksouth-"))).toBe(true);
    await page.getByRole("searchbox").fill("no such thing");
    expect(await view(page)).toMatchObject({ groups: [], bars: 0 });
  });

  test("the keyboard zooms, moves, goes from bar to bar and back to the whole run", async () => {
    const page = await open("plain");
    const whole = await view(page);
    await page.locator("#viewer").focus();
    await page.keyboard.press("+");
    await page.keyboard.press("+");
    const near = await view(page);
    expect((near.endMs - near.startMs) * 2.25).toBeCloseTo(whole.endMs, -1);
    await page.keyboard.press("Shift+ArrowRight");
    const later = await view(page);
    expect(later.startMs).toBeGreaterThan(near.startMs);
    expect(await page.locator("#slots-window").getAttribute("visibility")).toBe("visible");
    await page.keyboard.press("0");
    expect(await view(page)).toEqual(whole);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    const chosen = await page.locator("#details h3").textContent();
    expect(await page.locator("#spoken").textContent()).toContain(`${chosen ?? ""}, create succeeded`);
    await page.keyboard.press("Escape");
    expect(await page.locator("#details h3").count()).toBe(0);
  });

  test("every control is reached with Tab, search first", async () => {
    const page = await open("plain");
    const reached: string[] = [];
    for (let n = 0; n < 8; n += 1) {
      await page.keyboard.press("Tab");
      reached.push(await page.evaluate<string>("document.activeElement.id || document.activeElement.className"));
    }
    expect(reached.slice(0, 7)).toEqual(["search", "zoom-out", "zoom-in", "pan-left", "pan-right", "whole", "viewer"]);
  });

  test("the critical path is listed, and each step shows itself in the timeline", async () => {
    const page = await open("plain");
    const steps = plain.criticalPath.filter(({ operation }) => plain.operations[operation]!.workMs > 0);
    const buttons = page.locator("#critical-path .link");
    expect(await buttons.count()).toBe(steps.length);
    await page.locator("#zoom-in").click();
    await page.locator("#zoom-in").click();
    const last = plain.operations[steps.at(-1)!.operation]!;
    await buttons.last().click();
    expect(await page.locator("#details").textContent()).toContain(last.urn);
    expect(await page.locator("#details").textContent()).toContain("Critical path");
    const { startMs, endMs } = await view(page);
    expect(last.startMs >= startMs && last.endMs <= endMs + 1).toBe(true);
    expect(await page.evaluate("document.activeElement.id")).toBe("viewer");
  });

  test("pointing at a bar shows its details, a click keeps them, dragging moves in time", async () => {
    const page = await open("plain");
    await page.getByRole("searchbox").fill("japaneast cluster-aks");
    await nextFrame(page);
    const box = (await page.locator("#canvas").boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + 26 + 8];
    await page.mouse.move(x, y);
    expect(await page.locator("#details h3").textContent()).toBe("japaneast-cluster-aks");
    await page.mouse.down();
    await page.mouse.up();
    await page.mouse.move(x, box.y - 80);
    expect(await page.locator("#details h3").textContent()).toBe("japaneast-cluster-aks");
    await page.locator("#zoom-in").click();
    const before = await view(page);
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x - 60, y, { steps: 4 });
    await page.mouse.up();
    const after = await view(page);
    expect(after.startMs).toBeGreaterThan(before.startMs);
    expect(after.endMs - after.startMs).toBeCloseTo(before.endMs - before.startMs, -1);
  });

  test("the table shows the slowest first and sorts by any column", async () => {
    const page = await open("plain");
    const first = () => page.locator("#table tbody tr").first().locator(".link").textContent();
    const slowest = plain.operations.toSorted((a, b) => b.workMs - a.workMs)[0]!;
    expect(slowest.urn.endsWith(`::${(await first()) ?? ""}`)).toBe(true);
    await page.getByRole("button", { name: "resource" }).click();
    expect(await first()).toBe("chain138-multicall3");
    expect(await page.locator("th[aria-sort=ascending]").textContent()).toBe("resource");
  });

  test.each([1300, 1280, 800, 375])("the whole run fits %d pixels: nothing is clipped at the right", async (width) => {
    const page = await open("plain", { viewport: { width, height: 900 } });
    const [inner, outer] = await page.evaluate<[number, number]>(
      "(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth])(document.getElementById('viewer'))",
    );
    expect(inner).toBe(outer);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
  });

  test("failures, faults, throttling and the forecast are shown; a hostile name stays text", async () => {
    const page = await open("troubled");
    expect(await page.locator("h1").textContent()).toContain("✕ failed: 1 operation");
    expect(await page.locator("#troubles tbody tr").count()).toBe(2);
    expect(await page.locator("#troubles").textContent()).toContain("QuotaExceeded");
    expect(await page.locator(".legend").textContent()).toMatch(/throttled.*fault injected.*failed/);
    expect(await page.locator("#forecast-chart .this-run").count()).toBe(1);
    await page.getByRole("searchbox").fill("throttled");
    await page.locator("#table .link").click();
    expect(await page.locator("#details").textContent()).toMatch(/Throttled1 min 00 s.*Retries2.*Faultsthrottle/);
    await page.getByRole("searchbox").fill("onerror");
    expect(await page.locator("#table .link").textContent()).toBe(`eastus-${hostile}`);
    await page.locator("#table .link").click();
    expect(await page.locator("#details h3").textContent()).toBe(`eastus-${hostile}`);
    expect(await page.title()).toContain("Rehearsal of stack dev");
    expect(await page.locator("img").count()).toBe(0);
  });

  test.each([
    ["light", "rgb(255, 255, 255)"],
    ["dark", "rgb(18, 22, 28)"],
  ] as const)("%s: page and picture follow the reader's choice", async (colorScheme, background) => {
    const page = await open("plain", { colorScheme });
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe(background);
    const corner = await page.evaluate<number[]>(
      "[...document.getElementById('canvas').getContext('2d').getImageData(0, 0, 1, 1).data]",
    );
    expect(`rgb(${corner.slice(0, 3).join(", ")})`).toBe(background);
  });

  test.each(["plain", "fleet", "troubled"] as const)("%s fits a screen 375 pixels wide", async (name) => {
    const page = await open(name, { viewport: { width: 375, height: 740 }, hasTouch: true });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(375);
    expect(await page.evaluate("document.getElementById('canvas').getBoundingClientRect().right <= 375")).toBe(true);
    await page.getByRole("searchbox").fill("cluster-aks");
    await page.evaluate("document.getElementById('viewer').scrollIntoView({ block: 'center' })");
    await nextFrame(page);
    const box = (await page.locator("#canvas").boundingBox())!;
    await page.touchscreen.tap(box.x + box.width / 2, box.y + 26 + 20 + 8);
    expect(await page.locator("#details h3").textContent()).toContain("cluster-aks");
  });

  test("without its script the page still tells the result, the critical path and the contracts", async () => {
    const page = await browser.newPage({ javaScriptEnabled: false });
    pages.push(page);
    await page.goto(pathToFileURL(join(folder, "plain.html")).href);
    expect(await page.locator("h1").textContent()).toContain("succeeded");
    expect(await page.locator("#critical-path tbody tr").count()).toBeGreaterThan(0);
    expect(await page.locator("noscript").count()).toBe(1);
  });
});
