import type { Recipe } from "./go";

/** The engine's version: that of `@pulumi/pulumi` in package.json, of the recipe, and of every measurement in the docs. */
export const pulumiVersion = "3.259.0";

/** The last release whose Node.js language host can be had as a Go package; it serves engine and SDK 3.259 (facts/pulumi.md). */
export const languageHostVersion = "3.68.0";

export const languageHost = "pulumi-language-nodejs";

const define = { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": pulumiVersion };

export const pulumiRecipe: Recipe = {
  name: "pulumi-cli",
  package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
  define,
};

export const languageHostRecipe: Recipe = {
  name: languageHost,
  package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
  define,
};

/** What to do when Pulumi cannot be had. */
export const installPulumi = [
  `Install one of these, then try again:`,
  `  - the Pulumi CLI ${pulumiVersion} or newer: https://www.pulumi.com/docs/install/`,
  `  - Go 1.26 or newer (https://go.dev/dl/), with a reachable Go module proxy: Meridian then builds Pulumi by itself.`,
].join("\n");
