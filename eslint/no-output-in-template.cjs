const { ESLintUtils } = require("@typescript-eslint/utils");

/** Names of the types in @pulumi/pulumi that are, or wrap, a value that is not there yet. */
const outputTypes = new Set(["OutputInstance", "OutputImpl"]);

/** Whether a value of this type can be an Output: the type itself, or a member of a union (`Input<string>`). */
function canBeOutput(type) {
  if (type.isUnionOrIntersection()) return type.types.some(canBeOutput);
  return [type.symbol, type.aliasSymbol].some((symbol) => symbol !== undefined && outputTypes.has(symbol.name));
}

/**
 * Refuses a Pulumi Output in a template literal or in a concatenation with `+`: it prints a warning text instead of the
 * value, and does so in production only. `pulumi.interpolate` is a tagged template and passes.
 */
module.exports = ESLintUtils.RuleCreator.withoutDocs({
  meta: {
    type: "problem",
    schema: [],
    messages: {
      output:
        "An Output has no value yet, so it cannot become part of a string: use pulumi.interpolate or pulumi.concat.",
    },
  },
  defaultOptions: [],
  create(context) {
    const services = ESLintUtils.getParserServices(context);
    const report = (node) => {
      if (canBeOutput(services.getTypeAtLocation(node))) context.report({ node, messageId: "output" });
    };
    return {
      TemplateLiteral({ parent, expressions }) {
        if (parent.type !== "TaggedTemplateExpression") expressions.forEach(report);
      },
      "BinaryExpression[operator='+']"({ left, right }) {
        [left, right].forEach(report);
      },
    };
  },
});
