import { PipelineInputError } from "../pipeline/input";

/** What a text of YAML or JSON holds. @throws PipelineInputError when it is none */
export function yaml(parse: (text: string) => unknown, text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new PipelineInputError(file, `is no YAML: ${line.replace(/[.:]$/, "")}`, "YAML or JSON");
  }
}
