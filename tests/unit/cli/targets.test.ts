import { runCommand as run } from "../../support/command";

describe("meridian targets", () => {
  it("prints the line that deploys two regions and what all share", async () => {
    expect(await run("targets", "japaneast", "uksouth")).toEqual({
      exitCode: 0,
      out: "--target '**::japaneast-*' --target '**::uksouth-*' --target '**::global-*'\n",
      err: "",
    });
  });

  it("prints the list as JSON", async () => {
    const { out } = await run("targets", "japaneast", "--json");

    expect(JSON.parse(out)).toEqual(["**::japaneast-*", "**::global-*"]);
  });

  it("ends with 2 and one error with a suggestion for a misspelt region, printing no targets", async () => {
    expect(await run("targets", "japaneast", "uksoth")).toEqual({
      exitCode: 2,
      out: "",
      err: 'error: "uksoth" is not an Azure region. Did you mean "uksouth"? Known regions: regions/data/regions.json.\n',
    });
  });

  it("ends with 2 without a region", async () => {
    expect(await run("targets")).toMatchObject({ exitCode: 2, out: "" });
  });
});
