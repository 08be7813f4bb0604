import type * as Provider from "../../components/kubernetes-provider";
import { runWithMocks } from "./program";

const load = () => jest.requireActual<typeof Provider>("../../components/kubernetes-provider");

describe("createKubernetesProvider", () => {
  it("leads nowhere, not to the user's own cluster, where the targets leave the cluster out", async () => {
    const run = await runWithMocks({}, (pulumi) => {
      load().createKubernetesProvider("japaneast-kubernetes", pulumi.output(pulumi.unknown) as never);
      return {};
    });
    const { kubeconfig } = run.one("japaneast-kubernetes").inputs as { kubeconfig: { secret: string } };

    expect(JSON.parse(kubeconfig.secret)).toMatchObject({
      "current-context": "not-deployed",
      clusters: [{ cluster: { server: "https://not-deployed.invalid" } }],
    });
  });

  it("keeps a kubeconfig secret that comes in plain", async () => {
    const run = await runWithMocks({}, (pulumi) => {
      load().createKubernetesProvider("japaneast-kubernetes", pulumi.output("plain"));
      return {};
    });

    expect(run.one("japaneast-kubernetes").inputs.kubeconfig).toEqual({ secret: "plain" });
  });
});
