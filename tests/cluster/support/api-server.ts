import { Agent, request } from "node:https";

/** A Kubernetes object, as a manifest holds it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [more: string]: unknown };
  readonly [more: string]: unknown;
}

/** What the API server says of a manifest. */
export interface Verdict {
  readonly accepted: boolean;
  /** The server's own words when it is refused. */
  readonly message: string;
  /** What it accepts and advises against: deprecated versions, pods that break the namespace's policy. */
  readonly warnings: readonly string[];
}

interface Answer {
  readonly status: number;
  readonly body: any;
  readonly warnings: readonly string[];
}

/** A client of one API server: as much as is needed to have manifests judged. */
export class ApiServer {
  private readonly agent: Agent;
  private readonly groups = new Map<string, Promise<Answer>>();

  constructor(
    private readonly options: { readonly port: number; readonly token: string; readonly certificate: string },
  ) {
    this.agent = new Agent({ keepAlive: true, ca: options.certificate });
  }

  async isReady(): Promise<boolean> {
    return this.send("GET", "/readyz").then(
      ({ status }) => status === 200,
      () => false,
    );
  }

  /** Server-side apply with strict validation: an unknown or repeated field is an error. */
  async apply(manifest: Manifest): Promise<Verdict> {
    const path = await this.pathOf(manifest);
    if (path === undefined) return { accepted: false, message: unknownKind(manifest), warnings: [] };
    const query = "fieldManager=meridian&fieldValidation=Strict&force=true";
    const { status, body, warnings } = await this.send("PATCH", `${path}?${query}`, manifest);
    return { accepted: status < 300, message: body?.message ?? "", warnings };
  }

  /** Removes an object at once: there is no controller that could do it later. */
  async remove(manifest: Manifest): Promise<void> {
    const path = await this.pathOf(manifest);
    if (path === undefined) return;
    const { status, body } = await this.send("DELETE", `${path}?gracePeriodSeconds=0&propagationPolicy=Background`);
    if ((status >= 300 && status !== 404) || (body?.metadata?.finalizers ?? []).length > 0) {
      throw new Error(`${path} cannot be removed: ${body?.message ?? "a finalizer holds it"}`);
    }
  }

  /** Installs a CustomResourceDefinition and waits until its kinds are served. */
  async install(definition: Manifest): Promise<void> {
    const verdict = await this.apply(definition);
    if (!verdict.accepted) throw new Error(`${definition.metadata.name}: ${verdict.message}`);
    const path = (await this.pathOf(definition)) ?? "";
    for (let attempt = 0; attempt < 200; attempt++) {
      const conditions = ((await this.send("GET", path)).body?.status?.conditions ?? []) as Record<string, string>[];
      if (conditions.some(({ type, status }) => type === "Established" && status === "True")) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${definition.metadata.name} is not established after 10 s.`);
  }

  /** Where an object is served; undefined for a kind that the server does not know. */
  private async pathOf({ apiVersion, kind, metadata }: Manifest): Promise<string | undefined> {
    const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const { body } = await this.kindsOf(group);
    const known = ((body?.resources ?? []) as { name: string; kind: string; namespaced: boolean }[]).find(
      (resource) => resource.kind === kind && !resource.name.includes("/"),
    );
    if (known === undefined) return undefined;
    const place = known.namespaced ? `/namespaces/${metadata.namespace ?? "default"}` : "";
    return `${group}${place}/${known.name}/${metadata.name}`;
  }

  private async kindsOf(group: string): Promise<Answer> {
    const asked = this.groups.get(group) ?? this.send("GET", group);
    this.groups.set(group, asked);
    const answer = await asked;
    // A group may appear later, with its CRD.
    if (answer.status !== 200) this.groups.delete(group);
    return answer;
  }

  private send(method: string, path: string, content?: unknown): Promise<Answer> {
    const { port, token } = this.options;
    return new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${token}`,
        ...(content === undefined ? {} : { "content-type": "application/apply-patch+yaml" }),
      };
      const call = request({ agent: this.agent, host: "127.0.0.1", port, method, path, headers, timeout: 30_000 });
      call.on("error", reject);
      call.on("timeout", () => call.destroy(new Error(`${method} ${path}: no answer in 30 s`)));
      call.on("response", (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.on("error", reject);
        response.on("end", () => {
          const warnings = [response.headers.warning ?? []].flat();
          resolve({ status: response.statusCode ?? 0, body: parse(text), warnings });
        });
      });
      // JSON is YAML.
      call.end(content === undefined ? undefined : JSON.stringify(content));
    });
  }
}

const unknownKind = ({ apiVersion, kind }: Manifest): string =>
  `The API server knows no ${kind} of ${apiVersion}: add its CRD to scripts/vendor-crds.mjs, and run that.`;

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // "ok", or an error page
  }
};
