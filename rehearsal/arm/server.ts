import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { MeridianError } from "../../errors";
import type { Fleet } from "../../fleet";
import type { Cloud } from "../azure/cloud";
import { SimulatedChain } from "./chain";
import { ArmFace } from "./face";
import { type Latencies, seededLatencies } from "./latencies";
import { type Site, sitesOf } from "./sites";
import type { TroubleKind, Troubles } from "./trouble";
import { metricsOf } from "./validator-metrics";
import { answerRpc } from "./validator-rpc";

export interface ArmServerOptions {
  readonly cloud: Cloud;
  readonly fleet: Fleet;
  readonly stack: string;
  /** Port on 127.0.0.1; 0 takes a free one. @default 0 */
  readonly port?: number;
  /** Divides every latency of Azure; the chain keeps its own period. @default 1 */
  readonly speed?: number;
  readonly seed?: number;
  readonly troubles?: Troubles;
  /** @default seededLatencies(seed, speed) */
  readonly latencies?: Latencies;
  /** Age of the chain at the start, in seconds. @default 600 */
  readonly chainAgeSeconds?: number;
  /** Whether a validator is deployed; the others are down from the first block on. @default all are */
  readonly isDeployed?: (site: Site) => boolean;
  /** Milliseconds of the epoch; never goes back. @default Date.now */
  readonly now?: () => number;
}

export interface ArmServer {
  /** `http://127.0.0.1:13800`, without a path. */
  readonly url: string;
  /** What `meridian:operations.validatorUrl` must be. */
  readonly validatorUrl: string;
  /** What `meridian:operations.metricsUrl` must be. */
  readonly metricsUrl: string;
  readonly chain: SimulatedChain;
  readonly sites: readonly Site[];
  readonly close: () => Promise<void>;
}

/** Blocks by which validators with the trouble `lag` are behind. */
const LAG = 50;

/** Longest request body; the operations' longest is a batch of some hundred small calls. */
const MOST_BYTES = 1_000_000;

/**
 * Serves the simulated cloud on loopback: ARM's REST API at `/subscriptions/…`, and every validator's JSON-RPC at
 * `/validators/<address>`, with its metrics at `/validators/<address>/metrics`. Nobody signs in: nothing in it is worth it, and it listens on this machine alone.
 *
 * @throws MeridianError when the port is taken
 */
export async function serveArm(options: ArmServerOptions): Promise<ArmServer> {
  const {
    cloud,
    fleet,
    stack,
    port = 0,
    speed = 1,
    seed = 1,
    troubles = new Map<string, TroubleKind>(),
    chainAgeSeconds = 600,
    isDeployed = () => true,
    now = Date.now,
  } = options;
  const latencies = options.latencies ?? seededLatencies(seed, speed);
  const sites = sitesOf(cloud, fleet, stack);
  const { blockPeriodSeconds, requestTimeoutSeconds } = fleet.chain;
  const genesisMs = now() - chainAgeSeconds * 1000;
  const chain = new SimulatedChain({
    validators: sites.map(({ address }) => address),
    blockPeriodMs: blockPeriodSeconds * 1000,
    requestTimeoutMs: requestTimeoutSeconds * 1000,
    genesisMs,
  });
  for (const site of sites) if (!isDeployed(site)) chain.set(site.address, Infinity, genesisMs);
  const face = new ArmFace({ cloud, chain, sites, latencies, troubles });
  const byHost = new Map(sites.map((site) => [site.host, site]));
  const counts = new Map<string, number>();

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const body = await readJson(request);
    const [, host, page] = /^\/validators\/([^/]+)(\/metrics)?$/.exec(pathname) ?? [];
    if (host !== undefined) {
      const site = byHost.get(host);
      const trouble = site && troubles.get(site.region);
      if (trouble === "silent") return;
      if (site === undefined || !chain.isUp(site.address, now())) {
        request.socket.destroy(); // nobody listens there
        return;
      }
      if (page !== undefined) {
        response.writeHead(200, { "content-type": "text/plain; version=0.0.4" });
        response.end(metricsOf(chain, Date.now()));
        return;
      }
      send(response, {
        status: 200,
        body: answerRpc(site, chain, body, now(), trouble === "lag" ? LAG : 0),
      });
      return;
    }
    if (troubles.get(face.regionOf(pathname) ?? "") === "hang") return;
    const count = (counts.get(pathname) ?? 0) + 1;
    counts.set(pathname, count);
    const delayMs = latencies("request", `${pathname}/${count}`);
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    // Accepted now, answered later: what takes Azure its time is the way to the answer.
    const answer = face.answer(request.method ?? "GET", pathname, now(), base, body);
    const timer = setTimeout(() => send(response, answer), delayMs);
    response.once("close", () => clearTimeout(timer));
  };
  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  await listen(server, port);
  for (const { name } of fleet.regions) stopAsInCloud(name);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    validatorUrl: `${url}/validators/{host}`,
    metricsUrl: `${url}/validators/{host}/metrics`,
    chain,
    sites,
    close: async () => {
      face.close();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };

  /** A cluster that an earlier session has stopped has no validators now. */
  function stopAsInCloud(region: string): void {
    const stopped = cloud
      .below("/subscriptions/")
      .some(
        ({ type, inputs, outputs }) =>
          type.endsWith(":ManagedCluster") &&
          inputs.location === region &&
          (outputs.powerState as { readonly code?: string } | undefined)?.code === "Stopped",
      );
    if (!stopped) return;
    for (const site of sites) if (site.region === region) chain.set(site.address, Infinity, now());
  }
}

function send(
  response: ServerResponse,
  answer: { readonly status: number; readonly headers?: object; readonly body?: unknown },
) {
  const text = answer.body === undefined ? "" : JSON.stringify(answer.body);
  response.writeHead(answer.status, { ...answer.headers, "content-type": "application/json" });
  response.end(text);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > MOST_BYTES) throw new Error("too long");
  }
  return text === "" ? undefined : JSON.parse(text);
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((done, failed) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      failed(
        new MeridianError(`Port ${port} of 127.0.0.1 cannot be had: ${cause.code ?? cause.message}.`, {
          hint: "Give another with --port, or end what listens there.",
          cause,
        }),
      ),
    );
    server.listen(port, "127.0.0.1", done);
  });
}
