import { refusal } from "../../components/refusal";

describe("a refusal", () => {
  it("stays the sentence that it is, whatever is written in front of it, and has no stack", () => {
    const error = refusal("The genesis is frozen.");
    error.message = `error serializing property "data": ${error.message}`;
    error.stack = "elsewhere";

    expect([error.message, error.stack]).toEqual(["The genesis is frozen.", "The genesis is frozen."]);
    // How the SDK knows an error that it prints by its message alone.
    expect(error).toMatchObject({ __pulumiRunError: true });
  });

  it("is needed: an error as it comes takes both", () => {
    const error = new Error("The genesis is frozen.");
    error.message = `error serializing property "data": ${error.message}`;

    expect(error.message).toContain("error serializing");
    expect(error.stack).toContain("\n    at ");
  });
});
