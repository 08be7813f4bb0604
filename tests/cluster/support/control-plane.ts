import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { etcd, kubeApiserver } from "../../../toolchain/cluster-tools";
import { findGoTool } from "../../../toolchain/go-tool";
import { freePorts } from "../../../toolchain/ports";
import { startTethered, type Tethered } from "../../../toolchain/tethered";
import { ApiServer } from "./api-server";

/** Ready 2.5 s after the start on an idle machine (measured); the rest is for a busy one. */
const READY_TIMEOUT_MS = 90_000;

export interface ControlPlane {
  readonly api: ApiServer;
  readonly close: () => Promise<void>;
}

/** A real API server with its store, on loopback, in a folder that is gone afterwards. */
export async function startControlPlane(): Promise<ControlPlane> {
  const [server, store] = await Promise.all([findGoTool(kubeApiserver), findGoTool(etcd)]);
  const folder = mkdtempSync(join(tmpdir(), "meridian-cluster-"));
  const [apiPort = 0, clientPort = 0, peerPort = 0] = await freePorts(3);
  const token = randomBytes(24).toString("hex");
  writeFileSync(join(folder, "tokens.csv"), `${token},judge,judge,system:masters\n`, { mode: 0o600 });
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  writeFileSync(join(folder, "accounts.key"), privateKey, { mode: 0o600 });

  const processes: Tethered[] = [];
  const close = async (): Promise<void> => {
    for (const running of processes.reverse()) await running.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const log = (name: string): string => join(folder, `${name}.log`);
  try {
    processes.push(startTethered(store.path, etcdFlags(folder, clientPort, peerPort), { log: log("etcd") }));
    const flags = apiServerFlags(folder, apiPort, clientPort);
    processes.push(startTethered(server.path, flags, { log: log("kube-apiserver") }));
    const api = await whenReady(apiPort, token, join(folder, "certs", "apiserver.crt"), processes);
    return { api, close };
  } catch (cause) {
    const said = ["etcd", "kube-apiserver"].map((name) => `${name}: ${lastLines(log(name))}`);
    await close();
    throw new Error(`The control plane did not start.\n${said.join("\n")}`, { cause });
  }
}

const etcdFlags = (folder: string, clientPort: number, peerPort: number): string[] => {
  const [client, peer] = [`http://127.0.0.1:${clientPort}`, `http://127.0.0.1:${peerPort}`];
  return [
    `--data-dir=${join(folder, "etcd")}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    "--log-level=error",
  ];
};

const apiServerFlags = (folder: string, apiPort: number, etcdPort: number): string[] => [
  `--etcd-servers=http://127.0.0.1:${etcdPort}`,
  "--bind-address=127.0.0.1",
  "--advertise-address=127.0.0.1",
  // It would publish itself in the cluster, where loopback is no address.
  "--endpoint-reconciler-type=none",
  `--secure-port=${apiPort}`,
  // It makes itself a certificate there.
  `--cert-dir=${join(folder, "certs")}`,
  `--token-auth-file=${join(folder, "tokens.csv")}`,
  "--authorization-mode=RBAC",
  "--service-account-issuer=https://kubernetes.default.svc",
  `--service-account-key-file=${join(folder, "accounts.key")}`,
  `--service-account-signing-key-file=${join(folder, "accounts.key")}`,
  "--service-cluster-ip-range=100.65.0.0/16",
  // It waits for a controller that makes service accounts: there are no controllers here.
  "--disable-admission-plugins=ServiceAccount",
];

async function whenReady(port: number, token: string, certificate: string, processes: Tethered[]): Promise<ApiServer> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    if (processes.some(({ hasEnded }) => hasEnded())) throw new Error("A process ended before it was ready.");
    if (existsSync(certificate)) {
      const api = new ApiServer({ port, token, certificate: readFileSync(certificate, "utf8") });
      if (await api.isReady()) return api;
    }
    if (Date.now() > deadline) throw new Error(`Not ready after ${READY_TIMEOUT_MS / 1000} s.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const lastLines = (file: string): string =>
  existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").slice(-5).join("\n") : "it said nothing";
