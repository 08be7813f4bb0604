import { parseFleet } from "../../../fleet";

const fleet = (monitoring?: unknown) => ({
  regions: [{ name: "japaneast", validators: 4 }],
  allowSingleRegionHalt: true,
  contracts: { salt: "test", owner: `0x${"11".repeat(20)}`, chains: {} },
  ...(monitoring !== undefined && { monitoring }),
});

test("monitoring is off unless it is asked for; asked for, it has a Grafana and tells nobody", () => {
  const off = { enabled: false, grafana: true, emails: [], runbooks: "docs/runbooks" };
  expect(parseFleet(fleet()).monitoring).toMatchObject(off);
  expect(parseFleet(fleet({ enabled: true })).monitoring).toMatchObject({ ...off, enabled: true });
});

test.each([
  [{ enabled: 1 }, "meridian:monitoring.enabled is 1. Allowed: true or false"],
  [{ emails: ["nobody"] }, 'meridian:monitoring.emails[0] is "nobody". Allowed: text, an e-mail address'],
  [{ emails: "a@b.org" }, 'meridian:monitoring.emails is "a@b.org". Allowed: a list of e-mail addresses'],
  [
    { runbooks: "http://example.org" },
    'meridian:monitoring.runbooks is "http://example.org". Allowed: text, an https URL',
  ],
  [{ exporterImage: " " }, "meridian:monitoring.exporterImage"],
  [{ grafna: true }, 'Did you mean "grafana"?'],
  [[], "Allowed: a mapping with enabled, grafana"],
])("%j is refused with key, value and what is allowed", (monitoring, message) => {
  expect(() => parseFleet(fleet(monitoring))).toThrow(message);
});
