import { describe as describeTools, diagnose } from "../../../cli/doctor";
import { machine } from "../toolchain/machine";

test("on a bare machine the table says what is missing and how to get it, and go is optional", async () => {
  const { host, remove } = machine();
  const diagnoses = await diagnose(host);
  remove();

  const missing = diagnoses.filter(({ needed, tool }) => needed && !tool).map(({ name }) => name);
  expect(missing).toEqual(["npm", "pulumi", "pulumi-language-nodejs"]);
  const table = describeTools(diagnoses);
  expect(table).toMatch(/^go +not found +go on PATH: go is not on PATH \(optional: /m);
  expect(table).toContain("Run: npx meridian doctor --fix");
});

test("a tool is shown with its version, where it came from and its path", () => {
  const tool = {
    name: "pulumi",
    version: "3.259.0",
    path: "/c/pulumi",
    source: "cache",
    origin: "built with go 1.26.8",
  } as const;
  expect(describeTools([{ name: "pulumi", needed: true, tool }])).toBe(
    "TOOL    VERSION  FROM                          PATH\npulumi  3.259.0  cache (built with go 1.26.8)  /c/pulumi",
  );
});
