import { type IncomingMessage, request as requestHttp } from "node:http";
import { type RequestOptions, request as requestHttps } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";

/** An object of Kubernetes, of any kind. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

/** What the API server says no to. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly reason: string,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

interface Options {
  readonly query?: Readonly<Record<string, string | boolean | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
}

interface ApiResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/**
 * The API of a cluster, by plain requests: the generated client neither sends `fieldValidation`
 * with an apply nor knows a kind that it was not generated for.
 */
export class KubernetesApi {
  private readonly discovered = new Map<string, Promise<readonly ApiResource[]>>();

  constructor(readonly config: KubeConfig) {}

  /** Sends a request and returns the answer's object; a refusal is an `ApiError`. */
  async request<T = KubernetesObject>(
    method: string,
    path: string,
    { query = {}, body, contentType = "application/json" }: Options = {},
  ): Promise<T> {
    const server = this.config.getCurrentCluster()?.server ?? "";
    const url = new URL(`${server.replace(/\/$/, "")}${path}`);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) {
        url.searchParams.set(name, String(value));
      }
    }
    const text = body === undefined ? undefined : JSON.stringify(body);
    const options: RequestOptions = {
      method,
      headers: {
        accept: "application/json",
        ...(text === undefined
          ? {}
          : { "content-type": contentType, "content-length": Buffer.byteLength(text) }),
      },
      timeout: 60_000,
    };
    await this.config.applyToHTTPSOptions(options);
    const { status, content } = await send(url, options, text);
    const answer = parse(content);
    if (status >= 300) {
      const said = answer as { message?: string; reason?: string };
      throw new ApiError(status, said?.message ?? String(answer), said?.reason ?? "");
    }
    return answer as T;
  }

  /** The path of an object, or of all objects of a kind where it has no name. */
  async pathOf(
    { apiVersion = "v1", kind = "", metadata = {} }: KubernetesObject,
    name = metadata.name,
  ): Promise<string> {
    const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const found = await this.resourceOf(group, kind);
    if (found === undefined) {
      throw new ApiError(404, `the API server knows no ${apiVersion} ${kind}`, "NoMatch");
    }
    const namespace = found.namespaced ? `/namespaces/${metadata.namespace ?? "default"}` : "";
    return `${group}${namespace}/${found.name}${name === undefined ? "" : `/${name}`}`;
  }

  /** Whether objects of a kind live in namespaces. */
  async isNamespaced({ apiVersion = "v1", kind = "" }: KubernetesObject): Promise<boolean> {
    const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    return (await this.resourceOf(group, kind))?.namespaced ?? true;
  }

  private async resourceOf(group: string, kind: string): Promise<ApiResource | undefined> {
    const find = async () =>
      (await this.resources(group)).find((one) => one.kind === kind && !one.name.includes("/"));
    return (await find()) ?? (this.discovered.delete(group) ? find() : undefined);
  }

  private resources(group: string): Promise<readonly ApiResource[]> {
    const known = this.discovered.get(group);
    if (known !== undefined) {
      return known;
    }
    const asked = this.request<{ resources: ApiResource[] }>("GET", group).then(
      ({ resources }) => resources,
      (error: unknown) => {
        this.discovered.delete(group);
        if (error instanceof ApiError && error.status === 404) {
          return [];
        }
        throw error;
      },
    );
    this.discovered.set(group, asked);
    return asked;
  }
}

function send(
  url: URL,
  options: RequestOptions,
  body: string | undefined,
): Promise<{ status: number; content: string }> {
  const start = url.protocol === "http:" ? requestHttp : requestHttps;
  return new Promise((resolve, reject) => {
    const request = start(url, options, (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          content: Buffer.concat(chunks).toString("utf8"),
        }),
      );
    });
    request.once("error", reject);
    request.once("timeout", () =>
      request.destroy(new Error(`${url.host} gives no answer within 60 s`)),
    );
    request.end(body);
  });
}

function parse(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return content;
  }
}
