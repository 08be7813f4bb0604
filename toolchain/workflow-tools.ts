import type { DebianTool } from "./debian-package";
import type { GoTool } from "./go-tool";

/** Checks GitHub's workflows in the tests: syntax, expressions, the shell in them. */
export const actionlint: GoTool = {
  name: "actionlint",
  version: "1.7.7",
  recipe: {
    name: "actionlint",
    package: "github.com/rhysd/actionlint/cmd/actionlint",
    // Without it the program calls itself (devel).
    define: { "github.com/rhysd/actionlint.version": "1.7.7" },
  },
  minimum: [1, 7, 0],
  buildTime: "half a minute",
  install:
    "Install Go 1.26 or newer (https://go.dev/dl/), with a reachable Go module proxy: Meridian then builds it by itself.\n" +
    "Or put actionlint 1.7 or newer on PATH: https://github.com/rhysd/actionlint/releases",
};

/** Checks shell scripts, and for actionlint those in workflows. */
export const shellcheck: DebianTool = {
  name: "shellcheck",
  package: "shellcheck",
  megabytes: 3,
  variable: "MERIDIAN_SHELLCHECK",
  program: "usr/bin/shellcheck",
  install: "Install it (Debian and Ubuntu: apt-get install shellcheck), or set MERIDIAN_SHELLCHECK to the program.",
};
