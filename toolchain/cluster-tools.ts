import type { GoTool } from "./go-tool";

const installGo =
  "Install Go 1.26 or newer (https://go.dev/dl/), with a reachable Go module proxy: Meridian then builds it by itself.";

/**
 * The API server that judges the manifests: the newest minor version that the recipe's staging modules were measured
 * with. An older one would not know fields that AKS knows.
 */
export const kubeApiserver: GoTool = {
  name: "kube-apiserver",
  version: "1.34.2",
  recipe: {
    name: "kube-apiserver",
    package: "k8s.io/kubernetes/cmd/kube-apiserver",
    // Without it the program calls itself v0.0.0-master.
    define: { "k8s.io/component-base/version.gitVersion": "v1.34.2" },
  },
  minimum: [1, 34, 0],
  buildTime: "3 to 6 minutes",
  install: `${installGo}\nOr put kube-apiserver 1.34 or newer on PATH: https://kubernetes.io/releases/download/`,
};

/**
 * The store behind the API server. Built of the version that kube-apiserver 1.34.2 names in its go.mod; Debian's 3.4
 * serves it as well (measured), so nothing is ever installed into the system.
 */
export const etcd: GoTool = {
  name: "etcd",
  version: "3.6.4",
  recipe: { name: "etcd", package: "go.etcd.io/etcd/server/v3" },
  minimum: [3, 4, 0],
  buildTime: "about a minute",
  install: `${installGo}\nOr install etcd 3.4 or newer; on Debian: apt-get install etcd-server`,
};
