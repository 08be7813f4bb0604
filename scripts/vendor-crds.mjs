// Brings the CustomResourceDefinitions of tests/cluster/crds up to date: `node scripts/vendor-crds.mjs`.
// They come out of the projects' Go modules, so a Go module proxy is all that has to be reachable. Version and hash
// of each are pinned here, as in a go.sum.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The kinds that the manifests of components/ use, beside those that the API server has of its own. */
const sources = [
  {
    file: "secrets-store.csi.x-k8s.io_secretproviderclasses.yaml",
    module: "sigs.k8s.io/secrets-store-csi-driver",
    // The version of AKS' add-on azure-keyvault-secrets-provider, or the next one.
    version: "v1.5.4",
    sum: "h1:enl+v1+JbKDyVjdfT/7CillZsc4rLAM9tTHyf7GeLxc=",
    path: "config/crd/bases/secrets-store.csi.x-k8s.io_secretproviderclasses.yaml",
    repository: "https://github.com/kubernetes-sigs/secrets-store-csi-driver",
    licence: "Apache-2.0",
  },
  {
    file: "cert-manager.io_certificates.yaml",
    module: "github.com/cert-manager/cert-manager",
    version: "v1.19.1",
    sum: "h1:Txh8L/nLWTDcb7ZnXuXbTe15BxQnLbLirXmbNk0fGgY=",
    path: "deploy/crds/cert-manager.io_certificates.yaml",
    repository: "https://github.com/cert-manager/cert-manager",
    licence: "Apache-2.0",
  },
  {
    // Azure's collector has the same kind under a group of its own (Azure docs, "Create custom Prometheus scrape job from
    // your Kubernetes cluster using CRDs").
    file: "azmonitoring.coreos.com_podmonitors.yaml",
    group: { from: "monitoring.coreos.com", to: "azmonitoring.coreos.com" },
    module: "github.com/prometheus-operator/prometheus-operator",
    version: "v0.85.0",
    sum: "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=",
    path: "example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml",
    repository: "https://github.com/prometheus-operator/prometheus-operator",
    licence: "Apache-2.0",
  },
  ...["volumesnapshotclasses", "volumesnapshots"].map((plural) => ({
    file: `snapshot.storage.k8s.io_${plural}.yaml`,
    module: "github.com/kubernetes-csi/external-snapshotter/client/v8",
    version: "v8.6.0",
    sum: "h1:FtGewu2k6HWw6evLGXY8JqUZ9eHpti1kd3e4amj+ilA=",
    path: `config/crd/snapshot.storage.k8s.io_${plural}.yaml`,
    repository: "https://github.com/kubernetes-csi/external-snapshotter",
    licence: "Apache-2.0",
  })),
];

const target = join(dirname(dirname(fileURLToPath(import.meta.url))), "tests", "cluster", "crds");
const empty = mkdtempSync(join(tmpdir(), "meridian-crds-"));
try {
  for (const source of sources) {
    const answer = execFileSync("go", ["mod", "download", "-json", `${source.module}@${source.version}`], {
      cwd: empty,
      encoding: "utf8",
      // The hash below takes the place of the checksum database, which has not every module where only a proxy is.
      env: { ...process.env, GOFLAGS: "-mod=mod", GONOSUMDB: source.module },
    });
    const { Dir: folder, Sum: sum } = JSON.parse(answer);
    if (sum !== source.sum) throw new Error(`${source.module} ${source.version} is ${sum}, not ${source.sum}.`);
    const licence = readFileSync(join(folder, "LICENSE"), "utf8");
    if (!/Apache License\s+Version 2\.0/.test(licence)) throw new Error(`${source.module}: another licence.`);
    const header = [
      `# Vendored by scripts/vendor-crds.mjs; do not edit.`,
      `# Source: ${source.repository}, ${source.version}, ${source.path}`,
      `# Licence: ${source.licence}`,
    ];
    const original = readFileSync(join(folder, source.path), "utf8").replace(/^---\n/, "");
    const { from, to } = source.group ?? {};
    const definition =
      from === undefined
        ? original
        : original.replaceAll(new RegExp(`(?<=^ *(name: podmonitors\\.|group: ))${from}$`, "gm"), to);
    if (from !== undefined) header.push(`# Changed: its group is ${to}.`);
    writeFileSync(join(target, source.file), `${header.join("\n")}\n---\n${definition}`);
    console.log(`${source.file}: ${source.module} ${source.version}`);
  }
} finally {
  rmSync(empty, { recursive: true, force: true });
}
