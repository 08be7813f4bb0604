import { readFileSync } from "node:fs";
import { join } from "node:path";

import { analysisJsonSchema } from "../../../../execution/analyse/schema";

test("the published schema is the analysis'", () => {
  const path = join(__dirname, "../../../../docs/schemas/execution-analysis.schema.json");
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(JSON.parse(JSON.stringify(analysisJsonSchema())));
});
