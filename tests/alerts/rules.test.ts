import { type AlertRule, alertRules } from "../../monitoring/alerts";
import { describeTier } from "../support/tier";
import { type AlertCase, cases, settings } from "./cases";
import { checkRules, testRules } from "./support/promtool";

jest.setTimeout(240_000);

const rules = alertRules(settings);
const casesOf = (name: string) => cases.filter(({ alert }) => alert === name);
const label = ({ when, fires }: AlertCase) => `${fires.length > 0 ? "fires" : "is quiet"} when ${when}`;

/** The rules with one of them changed. */
const withRule = (name: string, change: (rule: AlertRule) => Partial<AlertRule>): AlertRule[] =>
  rules.map((rule) => (rule.name === name ? { ...rule, ...change(rule) } : rule));

describeTier("alerts", "the alert rules, judged by promtool", () => {
  test("are rules as Prometheus reads them", async () => {
    expect(await checkRules(rules)).toMatchObject({ passed: true });
    const broken = withRule("MeridianFork", ({ expression }) => ({ expression: `${expression} ) (` }));
    expect(await checkRules(broken)).toMatchObject({ passed: false });
  });

  describe.each(rules.map(({ name }) => name))("%s", (name) => {
    test("has a case in which it fires, and one in which it does not", () => {
      expect(casesOf(name).filter(({ fires }) => fires.length > 0).length).toBeGreaterThan(0);
      expect(casesOf(name).filter(({ fires }) => fires.length === 0).length).toBeGreaterThan(0);
    });

    test(casesOf(name).map(label).join("; "), async () => {
      const verdict = await testRules(rules, casesOf(name));
      expect(verdict.passed ? "passed" : verdict.output).toBe("passed");
    });

    // Both in one process, under names of their own: starting it takes longest.
    test("would be caught if it never fired, and if it always did", async () => {
      const rule = rules.find((one) => one.name === name)!;
      const [never, always] = [`${name}Never`, `${name}Always`];
      const variants: AlertRule[] = [
        { ...rule, name: never, expression: `(${rule.expression}) and vector(0) > 1` },
        { ...rule, name: always, expression: "vector(1)", forSeconds: 0 },
      ];
      const changed = casesOf(name).map((one) => ({ ...one, alert: one.fires.length > 0 ? never : always }));
      const { passed, output } = await testRules(variants, changed);
      expect(passed).toBe(false);
      expect(output.match(/alertname: ?\w+/g) ?? []).toHaveLength(changed.length);
    });
  });

  test.each<[string, string, (rule: AlertRule) => Partial<AlertRule>]>([
    ["a limit that is ten times too high", "MeridianChainHalted", swap("> 60", "> 6000")],
    ["the mean of all heads in place of the newest", "MeridianChainHalted", swap("max(", "avg(")],
    ["a margin that is off by one", "MeridianQuorumMarginZero", swap("<= 0", "< 0")],
    [
      "validators that two exporters tell of counted twice",
      "MeridianQuorumMarginZero",
      swap("max by (region, ordinal) ", ""),
    ],
    ["the full margin of five validators taken for a loss", "MeridianQuorumMarginOne", swap(/ and .*/, "")],
    ["a misspelt message", "MeridianRoundsClimbing", swap('name="RoundChange"', 'name="RoundChanges"')],
    ["a checkpoint of another height taken for a fork", "MeridianFork", swap("count by (number) (", "count(")],
    ["turns once missed without comparing", "MeridianValidatorMissesProposals", swap("> 2", ">= 2")],
    ["no patience with a restart", "MeridianValidatorDown", () => ({ forSeconds: 0 })],
    [
      "peers of validators that are down expected",
      "MeridianPeersMissing",
      swap(/sum\(max by .*\)\) - 1/, "vector(5)) - 1"),
    ],
    ["days taken for hours", "MeridianExpiresSoon", swap(String(30 * 86_400), String(30 * 3_600))],
    ["no patience with an upgrade", "MeridianVersionSkew", () => ({ forSeconds: 600 })],
  ])("catch %s (%s)", async (_, name, change) => {
    const broken = withRule(name, change);
    expect(broken).not.toEqual(rules);
    expect(await testRules(broken, casesOf(name))).toMatchObject({ passed: false });
  });
});

function swap(what: string | RegExp, by: string) {
  return ({ expression }: AlertRule): Partial<AlertRule> => ({ expression: expression.replace(what, by) });
}
