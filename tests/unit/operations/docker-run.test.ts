import fc from "fast-check";

import { BESU_IMAGE } from "../../../besu/image";
import { containerName, dockerRunArguments } from "../../../operations/docker-run";
import { planLocalNetwork } from "../../../operations/local-plan";

const keys = [1, 2].map((i) => `0x${String(i).padStart(64, "0")}` as const);
const planIn = (folder: string) => planLocalNetwork({ folder, keys });
const valuesOf = (name: string, args: readonly string[]): string[] =>
  args.filter((arg) => arg.startsWith(`--${name}=`)).map((arg) => arg.slice(name.length + 3));
/** What is for docker: before the image. */
const forDocker = (args: readonly string[]): string[] => args.slice(0, args.indexOf(BESU_IMAGE));

test("Besu itself gets the arguments that it gets as a process, and no shell sees them", () => {
  const node = planIn("/net").nodes[0]!;
  const args = dockerRunArguments(node, BESU_IMAGE, "1000:1000");
  expect(args.slice(args.indexOf(BESU_IMAGE) + 1)).toEqual(node.args);
  expect(valuesOf("entrypoint", forDocker(args))).toEqual(["/opt/besu/bin/besu"]);
});

test("a container runs in the foreground as the user's own, on the machine's network, and may do little", () => {
  const args = forDocker(dockerRunArguments(planIn("/net").nodes[0]!, BESU_IMAGE, "1000:1001"));
  expect(args.slice(0, 3)).toEqual(["run", "--rm", "--pull=never"]);
  expect(valuesOf("network", args)).toEqual(["host"]);
  expect(valuesOf("user", args)).toEqual(["1000:1001"]);
  expect(valuesOf("cap-drop", args)).toEqual(["ALL"]);
  expect(args).toContain("--security-opt=no-new-privileges");
  expect(args.some((arg) => /^(-d|--detach|-v|--volume|--privileged)/.test(arg))).toBe(false);
});

test("a container sees its own folder and what all read, so no other validator's key", () => {
  const { nodes } = planIn("/net");
  const args = forDocker(dockerRunArguments(nodes[1]!, BESU_IMAGE));
  expect(valuesOf("mount", args)).toEqual([
    "type=bind,source=/net/validator-1,target=/net/validator-1",
    "type=bind,source=/net/genesis.json,target=/net/genesis.json,readonly",
    "type=bind,source=/net/static-nodes.json,target=/net/static-nodes.json,readonly",
  ]);
});

test("every file that a node reads lies in what is mounted", () => {
  const node = planIn("/net").nodes[0]!;
  const named =
    Object.values(node.files)
      .join("\n")
      .match(/\/net\/[^"\s]+/g) ?? [];
  expect(named.length).toBeGreaterThan(2);
  for (const path of named) expect(path.startsWith(`${node.folder}/`) || node.shared.includes(path)).toBe(true);
});

test("no key is on the command line, and of the environment only a name", () => {
  const args = dockerRunArguments(planIn("/net").nodes[0]!, BESU_IMAGE);
  expect(args.join(" ")).not.toContain(keys[0]!.slice(2));
  expect(valuesOf("env", args)).toEqual(["BESU_OPTS"]);
});

test("two nodes, and two networks on one engine, have containers of different names", () => {
  const names = ["/net", "/other"].flatMap((folder) => planIn(folder).nodes.map(containerName));
  expect(new Set(names).size).toBe(4);
  // What docker takes for a name: [a-zA-Z0-9][a-zA-Z0-9_.-]+
  for (const name of names) expect(name).toMatch(/^meridian-[0-9a-f]{12}-validator-[01]$/);
  expect(containerName(planIn("/net").nodes[0]!)).toBe(names[0]);
});

/** The fields of a line of CSV (RFC 4180), as docker reads the value of --mount. */
function readCsv(line: string): string[] {
  const fields: string[] = [];
  for (let rest = `${line},`; rest !== "";) {
    const [all = "", quoted, plain = ""] = /^(?:"((?:[^"]|"")*)"|([^,"]*)),/.exec(rest) ?? [];
    if (all === "") throw new Error(`no CSV: ${rest}`);
    fields.push(quoted?.replaceAll('""', '"') ?? plain);
    rest = rest.slice(all.length);
  }
  return fields;
}

test("any folder's name reaches docker whole", () => {
  const folderName = fc.string({
    minLength: 1,
    maxLength: 12,
    unit: fc.constantFrom("a", " ", ",", '"', "=", ":", "'", "\\", "\n", "é"),
  });
  fc.assert(
    fc.property(folderName, (folder) => {
      const node = { ...planned, folder: `/${folder}/validator-0` };
      const [own = ""] = valuesOf("mount", dockerRunArguments(node, BESU_IMAGE));
      expect(readCsv(own)).toEqual(["type=bind", `source=${node.folder}`, `target=${node.folder}`]);
    }),
  );
});
const planned = planIn("/net").nodes[0]!;

test("the reader of CSV that judges this refuses a bare quote", () => {
  expect(() => readCsv('source=/a"b,c')).toThrow("no CSV");
});
