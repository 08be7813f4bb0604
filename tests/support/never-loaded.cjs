/**
 * Stands in for packages that @pulumi/pulumi loads only to serialize functions for clouds, which nothing here does: TypeScript
 * and npm's arborist, a third of what a test with Pulumi's mocks costs. What touches it fails.
 */
module.exports = new Proxy(
  {},
  {
    get: (_, property) => {
      if (property === "__esModule") return true;
      throw new Error(
        `tests/support/never-loaded.cjs has no ${String(property)}: load the real package (jest.config.cjs)`,
      );
    },
  },
);
