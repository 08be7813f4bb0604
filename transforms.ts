import type { Transforms } from "./components/transforms";

/**
 * Yours to edit: changes what a resource is made of, where Meridian has no setting for it. See docs/configuration.md,
 * "Transforms".
 *
 * Nothing judges what comes out of them: `pulumi preview --diff` shows it.
 */
export const transforms: Transforms = {};
