import { createServer } from "node:net";
import { Writable } from "node:stream";
import { Exec, PortForward, type V1Status } from "@kubernetes/client-node";
import { ApiError, type KubernetesApi, type KubernetesObject } from "./api";
import { NODES, type NodeName } from "./instance";

const APPLY = "application/apply-patch+yaml";
const MERGE = "application/merge-patch+json";

/** A pod, as far as the tests look at one. */
export interface Pod extends KubernetesObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly nodeName?: NodeName;
    readonly terminationGracePeriodSeconds?: number;
    readonly containers: readonly { name: string; image: string }[];
  };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly conditions?: readonly { type: string; status: string; message?: string }[];
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly ready: boolean;
      readonly restartCount: number;
      readonly state: Readonly<Record<string, { reason?: string; message?: string }>>;
    }[];
  };
}

/** An event, as `kubectl get events` would print it. */
export interface Happening {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly object: string;
}

/** What a command in a container gave. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a test does to the objects of a cluster, each in one line. */
export class Objects {
  private named = 0;

  constructor(readonly api: KubernetesApi) {}

  /** Applies objects as the server validates them strictly: an unknown field is an error. */
  async apply(...objects: readonly KubernetesObject[]): Promise<void> {
    for (const object of objects) {
      await this.api.request("PATCH", await this.api.pathOf(object), {
        contentType: APPLY,
        query: { fieldManager: "tests", fieldValidation: "Strict", force: true },
        body: object,
      });
    }
  }

  /** Edits an object behind everybody's back, as `kubectl edit` would. */
  async edit(object: KubernetesObject, patch: object): Promise<void> {
    await this.api.request("PATCH", await this.api.pathOf(object), {
      contentType: MERGE,
      query: { fieldManager: "kubectl-edit" },
      body: patch,
    });
  }

  async get<T = KubernetesObject>(object: KubernetesObject): Promise<T | undefined> {
    try {
      return await this.api.request<T>("GET", await this.api.pathOf(object));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) {
        return undefined;
      }
      throw error;
    }
  }

  /** All objects of a kind in a namespace. */
  async list<T = KubernetesObject>(
    apiVersion: string,
    kind: string,
    namespace: string,
    labelSelector?: string,
  ): Promise<T[]> {
    const path = await this.api.pathOf({ apiVersion, kind, metadata: { namespace } });
    return (await this.api.request<{ items: T[] }>("GET", path, { query: { labelSelector } }))
      .items;
  }

  /** Deletes an object with all that it owns, and waits until it is gone. */
  async delete(object: KubernetesObject, within = 90_000): Promise<void> {
    const path = await this.api.pathOf(object);
    await this.api
      .request("DELETE", path, { body: { propagationPolicy: "Foreground" } })
      .catch(unlessGone);
    const name = `${object.kind} ${object.metadata?.name}`;
    await until(`${name} is gone`, async () => (await this.get(object)) === undefined, within);
  }

  /**
   * Makes a namespace of the test's own, with a service account that pods can run as.
   *
   * @param options.restricted - whether it enforces the restricted profile of Pod Security
   * @param options.quota - hard limits, such as `{ pods: "2" }`
   */
  async namespace(
    prefix: string,
    options: { restricted?: boolean; quota?: Readonly<Record<string, string>> } = {},
  ): Promise<string> {
    this.named += 1;
    const name = `${prefix}-${this.named}`;
    const profile = { "pod-security.kubernetes.io/enforce": "restricted" };
    await this.apply({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name, labels: options.restricted ? profile : {} },
    });
    await until(`namespace ${name} has a service account`, async () => {
      const account = { kind: "ServiceAccount", metadata: { name: "default", namespace: name } };
      return (await this.get(account)) !== undefined;
    });
    if (options.quota !== undefined) {
      await this.setQuota(name, options.quota);
    }
    return name;
  }

  /**
   * Deletes a namespace with all that is in it, and waits until it is gone. Its pods are killed:
   * no test looks at them any more, and a server that is told to end takes half a minute.
   */
  async removeNamespace(name: string): Promise<void> {
    const namespace = { kind: "Namespace", metadata: { name } };
    const path = await this.api.pathOf(namespace);
    await this.api.request("DELETE", path, {}).catch(unlessGone);
    for (const { metadata } of await this.pods(name)) {
      await this.deletePod(name, metadata.name, 0).catch(unlessGone);
    }
    await this.delete(namespace);
  }

  /** Sets the quota of a namespace, and waits until the API server enforces it. */
  async setQuota(namespace: string, hard: Readonly<Record<string, string>>): Promise<void> {
    const quota = {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "tests", namespace },
    };
    await this.apply({ ...quota, spec: { hard } });
    await until(`the quota of ${namespace} holds`, async () => {
      const found = await this.get<{ status?: { hard?: object } }>(quota);
      return JSON.stringify(found?.status?.hard) === JSON.stringify(hard);
    });
  }

  async removeQuota(namespace: string): Promise<void> {
    await this.delete({ kind: "ResourceQuota", metadata: { name: "tests", namespace } });
  }

  /** The pods of a namespace that a label selector matches, by name. */
  async pods(namespace: string, labelSelector?: string): Promise<Pod[]> {
    const pods = await this.list<Pod>("v1", "Pod", namespace, labelSelector);
    return pods.sort((one, other) => one.metadata.name.localeCompare(other.metadata.name));
  }

  /** Waits until so many pods are ready; where they are not in time, says why. */
  async waitReady(
    namespace: string,
    labelSelector: string,
    count: number,
    within = 120_000,
  ): Promise<Pod[]> {
    let pods: Pod[] = [];
    try {
      await until(
        `${count} pods of ${namespace} (${labelSelector}) are ready`,
        async () => {
          pods = await this.pods(namespace, labelSelector);
          return pods.length === count && pods.every(isReady);
        },
        within,
      );
    } catch (error) {
      const events = (await this.events(namespace)).slice(-8);
      throw new Error(
        [
          (error as Error).message,
          ...pods.map(describePod),
          ...events.map(({ object, reason, message }) => `${object}: ${reason}: ${message}`),
        ].join("\n"),
      );
    }
    return pods;
  }

  async logs(namespace: string, pod: string, container?: string): Promise<string> {
    const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log`;
    return String(await this.api.request<unknown>("GET", path, { query: { container } }));
  }

  /** The events of a namespace, the newest last. @param about - the name of an object */
  async events(namespace: string, about?: string): Promise<Happening[]> {
    const events = await this.list<{
      type: string;
      reason: string;
      message: string;
      lastTimestamp?: string;
      eventTime?: string;
      involvedObject: { kind: string; name: string };
    }>("v1", "Event", namespace);
    const time = (event: (typeof events)[number]) =>
      Date.parse(event.lastTimestamp ?? event.eventTime ?? "") || 0;
    return events
      .filter(({ involvedObject }) => about === undefined || involvedObject.name === about)
      .sort((one, other) => time(one) - time(other))
      .map(({ type, reason, message, involvedObject: { kind, name } }) => {
        return { type, reason, message, object: `${kind} ${name}` };
      });
  }

  /** Evicts a pod, as a drain does; a disruption budget may refuse, which is an `ApiError` 429. */
  async evict(namespace: string, pod: string): Promise<void> {
    await this.api.request("POST", `/api/v1/namespaces/${namespace}/pods/${pod}/eviction`, {
      body: {
        apiVersion: "policy/v1",
        kind: "Eviction",
        metadata: { name: pod, namespace },
      },
    });
  }

  /** Deletes a pod and returns at once. @param grace - seconds; 0 is a kill */
  async deletePod(namespace: string, pod: string, grace?: number): Promise<void> {
    await this.api.request("DELETE", `/api/v1/namespaces/${namespace}/pods/${pod}`, {
      body: grace === undefined ? {} : { gracePeriodSeconds: grace },
    });
  }

  /** Keeps new pods from nodes, from all unless some are named. */
  async cordon(nodes: readonly NodeName[] = NODES): Promise<void> {
    await this.setUnschedulable(nodes, true);
  }

  async uncordon(nodes: readonly NodeName[] = NODES): Promise<void> {
    await this.setUnschedulable(nodes, false);
  }

  private async setUnschedulable(
    nodes: readonly NodeName[],
    unschedulable: boolean,
  ): Promise<void> {
    for (const name of nodes) {
      await this.edit({ kind: "Node", metadata: { name } }, { spec: { unschedulable } });
    }
  }

  /** Runs a command in a container that has the program. */
  async exec(
    namespace: string,
    pod: string,
    container: string,
    command: readonly string[],
  ): Promise<Ran> {
    const [stdout, stderr] = [new Collector(), new Collector()];
    const status = await new Promise<V1Status>((done, fail) => {
      new Exec(this.api.config)
        .exec(namespace, pod, container, [...command], stdout, stderr, null, false, done)
        .catch(fail);
    });
    const cause = status.details?.causes?.find(({ reason }) => reason === "ExitCode");
    const code = status.status === "Success" ? 0 : Number(cause?.message ?? 1);
    const said = code === 1 && stderr.text === "" ? (status.message ?? "") : stderr.text;
    return { code, stdout: stdout.text, stderr: said };
  }

  /** Opens a port of this machine onto a port of a pod. */
  async forward(
    namespace: string,
    pod: string,
    port: number,
  ): Promise<{ readonly port: number; close(): Promise<void> }> {
    const forward = new PortForward(this.api.config);
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      forward
        .portForward(namespace, pod, [port], socket, null, socket)
        .catch(() => socket.destroy());
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    return {
      port: address !== null && typeof address === "object" ? address.port : 0,
      close: () => new Promise((done) => server.close(() => done())),
    };
  }
}

/** Waits until something holds. What cannot be asked right now does not hold yet. */
export async function until(
  what: string,
  holds: () => Promise<boolean>,
  within = 60_000,
): Promise<void> {
  const start = Date.now();
  let reason = "";
  while (Date.now() - start < within) {
    try {
      if (await holds()) {
        return;
      }
      reason = "";
    } catch (error) {
      reason = `: ${(error as Error).message}`;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`waited ${within / 1000} s until ${what}${reason}`);
}

function unlessGone(error: unknown): void {
  if (!(error instanceof ApiError && error.status === 404)) {
    throw error;
  }
}

function isReady({ metadata, status }: Pod): boolean {
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  return metadata.deletionTimestamp === undefined && ready?.status === "True";
}

function describePod({ metadata, status }: Pod): string {
  const states = (status.containerStatuses ?? []).map(({ name, state, restartCount }) => {
    const [[kind, { reason = "", message = "" }] = ["unknown", {}]] = Object.entries(state);
    return `${name} ${kind} ${reason} ${message} (${restartCount} restarts)`;
  });
  const unmet = (status.conditions ?? [])
    .filter(({ status: value, message }) => value !== "True" && message !== undefined)
    .map(({ type, message }) => `${type}: ${message}`);
  return `Pod ${metadata.name} ${status.phase}: ${[...states, ...unmet].join("; ")}`;
}

class Collector extends Writable {
  text = "";

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString("utf8");
    done();
  }
}
