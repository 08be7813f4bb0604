import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ensureDebianTool } from "../../toolchain/debian-package";
import { ensureGoTool } from "../../toolchain/go-tool";
import { projectRoot } from "../../toolchain/paths";
import { run } from "../../toolchain/run";
import { actionlint, shellcheck } from "../../toolchain/workflow-tools";
import { describeTier } from "../support/tier";

jest.setTimeout(300_000);

describeTier("workflows", "the workflows, judged by actionlint and shellcheck", () => {
  let lint: (...files: readonly string[]) => Promise<{ code: number | undefined; said: string }>;
  let check: (file: string) => Promise<{ code: number | undefined; said: string }>;
  beforeAll(async () => {
    const [program, shell] = [(await ensureGoTool(actionlint)).path, (await ensureDebianTool(shellcheck)).path];
    lint = async (...files) => {
      const { code, stdout, stderr } = await run(program, ["-no-color", "-shellcheck", shell, "-pyflakes=", ...files]);
      return { code, said: stdout + stderr };
    };
    check = async (file) => {
      const { code, stdout, stderr } = await run(shell, ["--severity=warning", file]);
      return { code, said: stdout + stderr };
    };
  });

  const folder = join(projectRoot, ".github", "workflows");

  test("all of them pass", async () => {
    expect(await lint(...readdirSync(folder).map((name) => join(folder, name)))).toEqual({ code: 0, said: "" });
  });

  test("so does the script of the continuous integration", async () => {
    expect(await check(join(projectRoot, ".ci", "run"))).toEqual({ code: 0, said: "" });
  });

  describe("one that is broken is caught", () => {
    const own = mkdtempSync(join(tmpdir(), "meridian-workflows-"));
    afterAll(() => rmSync(own, { recursive: true, force: true }));
    const good = readFileSync(join(folder, "ci.yml"), "utf8");

    test.each<[string, (text: string) => string, RegExp]>([
      ["a key that does not exist", (text) => text.replace("runs-on:", "run-on:"), /unexpected key "run-on"/],
      ["a job that is not there", (text) => text.replace("needs: plan\n", "needs: plane\n"), /plane/],
      ["an output that is not there", (text) => text.replace("steps.plan.outputs", "steps.plam.outputs"), /plam/],
      [
        "a mistake in the shell",
        (text) => text.replace('"${results[@]}"', "$results"),
        /shellcheck reported issue.*SC\d+/,
      ],
    ])("%s", async (name, spoil, says) => {
      const broken = spoil(good);
      expect(broken).not.toBe(good);
      const file = join(own, ".github", "workflows", `${name.replaceAll(" ", "-")}.yml`);
      mkdirSync(join(own, ".github", "workflows"), { recursive: true });
      writeFileSync(file, broken);
      const { code, said } = await lint(file);
      expect(code).toBe(1);
      expect(said).toMatch(says);
    });
  });
});
