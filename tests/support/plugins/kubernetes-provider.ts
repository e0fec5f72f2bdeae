/**
 * Stands in for `pulumi-resource-kubernetes` where the real plugin cannot be had. It serves the
 * objects of the API and patches of them, neither YAML files nor Helm charts, and decides as the
 * real one (4.34) does: what is compared, what is replaced, what is waited for, which conflicts are
 * errors. It differs in that the API server validates strictly, already in a preview, and in that
 * its messages end with the last event.
 */
import { randomBytes } from "node:crypto";
import { KubeConfig } from "@kubernetes/client-node";
import { ApiError, KubernetesApi, type KubernetesObject } from "../kubernetes/api";
import { hidden, readCheckpoint, writeCheckpoint } from "./kubernetes/checkpoint";
import { differences, prune } from "./kubernetes/comparing";
import {
  AUTONAMED,
  asInputs,
  idOf,
  isAutonamed,
  isPatch,
  objectOf,
  timeoutOf,
  withEncodedData,
  withEncodedSecrets,
} from "./kubernetes/inputs";
import { isAwaited, unready } from "./kubernetes/readiness";
import { forcesReplacement } from "./kubernetes/replacements";
import { ObjectWrites } from "./kubernetes/writes";
import {
  InitFailed,
  type Kind,
  type Log,
  type Operation,
  type Problem,
  type Provider,
  serve,
} from "./provider-server";
import { hasUnknown, type Properties, plain, withSecretsOf } from "./values";

const INTERVAL = 500;

/** Configuration of the provider resource, as far as it is known here. */
interface Configuration {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly namespace?: string;
  readonly enableConfigMapMutable?: string | boolean;
  readonly enableSecretMutable?: string | boolean;
  readonly enablePatchForce?: string | boolean;
  readonly upsertExistingObjects?: string | boolean;
}

class KubernetesProvider implements Provider {
  readonly version = "4.34.2";
  private api = new KubernetesApi(new KubeConfig());
  private writes = new ObjectWrites(this.api, false);
  private configuration: Configuration = {};
  private namespace = "default";
  private isCancelled = false;

  constructor(private readonly log: Log) {}

  async configure(args: Properties): Promise<void> {
    this.configuration = plain<Configuration>(args);
    const { kubeconfig, context, cluster, namespace } = this.configuration;
    const config = new KubeConfig();
    if (kubeconfig === undefined || kubeconfig === "") {
      config.loadFromDefault();
    } else if (kubeconfig.trimStart().startsWith("{") || kubeconfig.includes("\n")) {
      config.loadFromString(kubeconfig);
    } else {
      config.loadFromFile(kubeconfig);
    }
    if (context !== undefined) {
      config.setCurrentContext(context);
    }
    const current = config.getContextObject(config.getCurrentContext());
    if (cluster !== undefined && current !== null) {
      (current as { cluster: string }).cluster = cluster;
    }
    this.namespace = namespace ?? current?.namespace ?? "default";
    this.api = new KubernetesApi(config);
    this.writes = new ObjectWrites(
      this.api,
      this.isOn("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
    );
  }

  async check({ urn, oldInputs: _, olds, news }: Operation) {
    const object = plain<KubernetesObject>(news);
    const problems: Problem[] = [];
    if (object.kind === undefined || String(object.kind).endsWith("Patch")) {
      const reason =
        "the stand-in of pulumi-kubernetes serves neither patches nor files nor charts";
      return { inputs: news, problems: [{ property: "kind", reason }] };
    }
    const named = this.withName(object, plain<KubernetesObject>(olds), urn);
    const placed = await this.withNamespace(named);
    const encoded = withEncodedData(placed);
    let checked: KubernetesObject = encoded;
    if (!hasUnknown(encoded)) {
      problems.push(...(await this.writes.refusals(encoded)));
      checked = await this.writes.normalise(encoded);
    }
    return {
      inputs: hidden(checked, withSecretsOf(withEncodedSecrets(news), checked)) as Properties,
      problems,
    };
  }

  async diff({ olds, news, ignoreChanges }: Operation) {
    const { live, inputs } = readCheckpoint(olds);
    const wanted = plain<KubernetesObject>(news);
    const found = differences(prune(live, inputs) as Properties, wanted);
    const mutable = {
      configMaps: this.isOn("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
      secrets: this.isOn("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
    };
    const properties = new Map<string, Kind>();
    for (const [path, kind] of found) {
      if (!ignoreChanges.some((one) => path === one || path.startsWith(`${one}.`))) {
        const forces = forcesReplacement(wanted, path, mutable);
        properties.set(path, forces ? (`${kind}_REPLACE` as Kind) : kind);
      }
    }
    const isReplaced = [...properties.values()].some((kind) => kind.endsWith("_REPLACE"));
    return {
      properties,
      // Two objects of one name cannot be there at once.
      deleteBeforeReplace:
        isReplaced &&
        !isAutonamed(wanted) &&
        wanted.metadata?.name === live.metadata?.name &&
        wanted.metadata?.namespace === live.metadata?.namespace,
    };
  }

  async create({ urn, news, isPreview, timeout }: Operation) {
    const inputs = plain<KubernetesObject>(news);
    if (isPreview && hasUnknown(inputs)) {
      return { id: "", properties: news };
    }
    const fieldManager = `pulumi-kubernetes-${randomBytes(4).toString("hex")}`;
    let live: KubernetesObject;
    try {
      const path = await this.api.pathOf(inputs);
      if (!isPatch(urn) && !this.upserts && (await this.writes.exists(path))) {
        const { kind, metadata } = inputs;
        throw new ApiError(409, `${kind} "${metadata?.name}" already exists`, "AlreadyExists");
      }
      live = await this.writes.apply(path, inputs, fieldManager, isPreview, true);
    } catch (error) {
      if (isPreview) {
        // The namespace may not be there yet, a quota may be raised first: an update will tell.
        return { id: "", properties: news };
      }
      const reason = wordsOf(error);
      throw new Error(
        isUnreachable(error)
          ? `configured Kubernetes cluster is unreachable: ${reason}`
          : `resource "${urn}" was not successfully created by the Kubernetes API server: ${reason}`,
      );
    }
    const checkpoint = (object: KubernetesObject) =>
      writeCheckpoint({ live: object, inputs, fieldManager }, news);
    if (isPreview) {
      const { status: _, ...withoutStatus } = live;
      return { id: "", properties: checkpoint(withoutStatus) };
    }
    const id = idOf(live);
    live = await this.awaitReady(urn, live, timeout, (last, reasons) => {
      const said = `resource "${urn}" was successfully created, but the Kubernetes API server reported that it failed to fully initialize or become live: '${last.metadata?.name}' timed out waiting to be Ready`;
      return new InitFailed(sentence(said, reasons), id, checkpoint(last), [said, ...reasons]);
    });
    return { id, properties: checkpoint(live) };
  }

  async read({ urn, id, olds, oldInputs }: Operation) {
    const checkpoint = readCheckpoint(olds);
    const inputs =
      Object.keys(oldInputs).length > 0 ? plain<KubernetesObject>(oldInputs) : checkpoint.inputs;
    const known = inputs.kind === undefined ? objectOf(urn, id) : inputs;
    let live: KubernetesObject;
    try {
      live = await this.api.request("GET", await this.api.pathOf(known));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) {
        return undefined;
      }
      if (isUnreachable(error)) {
        throw new Error(
          `configured Kubernetes cluster is unreachable: ${wordsOf(error)}; failed to read resource state due to unreachable cluster. If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the operation with the PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"`,
        );
      }
      throw error;
    }
    const seen = inputs.kind === undefined ? asInputs(live) : (prune(live, inputs) as Properties);
    const found = {
      properties: writeCheckpoint({ ...checkpoint, live, inputs: seen }, oldInputs),
      inputs: hidden(live, withSecretsOf(oldInputs, seen)) as Properties,
    };
    const reasons = isAwaited(live) ? await unready(this.api, live) : [];
    if (reasons.length > 0) {
      const said = `'${live.metadata?.name}' is not Ready`;
      throw new InitFailed(
        sentence(said, reasons),
        id,
        found.properties,
        [said, ...reasons],
        found.inputs,
      );
    }
    return found;
  }

  async update({ urn, olds, news, isPreview, timeout }: Operation) {
    const inputs = plain<KubernetesObject>(news);
    if (isPreview && hasUnknown(inputs)) {
      return news;
    }
    const { live: old, fieldManager = "pulumi-kubernetes" } = readCheckpoint(olds);
    const checkpoint = (object: KubernetesObject) =>
      writeCheckpoint({ live: object, inputs, fieldManager }, news);
    let live: KubernetesObject;
    try {
      const path = await this.api.pathOf(inputs, old.metadata?.name);
      live = await this.writes.apply(path, inputs, fieldManager, isPreview, false);
    } catch (error) {
      if (isPreview && error instanceof ApiError && error.status === 403) {
        return news;
      }
      throw new Error(
        isUnreachable(error)
          ? `configured Kubernetes cluster is unreachable: ${wordsOf(error)}`
          : `update of resource "${idOf(inputs)}" failed: ${wordsOf(error)}`,
      );
    }
    if (!isPreview) {
      live = await this.awaitReady(urn, live, timeout, (last, reasons) => {
        const said = `the Kubernetes API server reported that "${idOf(last)}" failed to fully initialize or become live: '${last.metadata?.name}' timed out waiting to be Ready`;
        return new InitFailed(sentence(said, reasons), idOf(last), checkpoint(last), [
          said,
          ...reasons,
        ]);
      });
    }
    return checkpoint(live);
  }

  async delete({ urn, olds, timeout }: Operation) {
    const { live, fieldManager = "pulumi-kubernetes" } = readCheckpoint(olds);
    try {
      const path = await this.api.pathOf(live);
      if (isPatch(urn)) {
        await this.writes.relinquish(path, live, fieldManager);
        return;
      }
      const annotations = live.metadata?.annotations as Record<string, string> | undefined;
      const policy = annotations?.["pulumi.com/deletionPropagationPolicy"] ?? "foreground";
      const propagationPolicy = policy.charAt(0).toUpperCase() + policy.slice(1);
      await this.api.request("DELETE", path, { body: { propagationPolicy } });
      if (isAwaited(live)) {
        await this.awaitGone(path, live, timeout);
      }
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) {
        throw error;
      }
    }
  }

  cancel(): void {
    this.isCancelled = true;
  }

  private get upserts(): boolean {
    return this.isOn("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS");
  }

  /** A switch of the provider resource, or of the environment where that one says nothing. */
  private isOn(name: keyof Configuration, variable: string): boolean {
    return String(this.configuration[name] ?? process.env[variable]) === "true";
  }

  private async awaitReady(
    urn: string,
    object: KubernetesObject,
    timeout: number,
    failure: (last: KubernetesObject, reasons: readonly string[]) => InitFailed,
  ): Promise<KubernetesObject> {
    if (!isAwaited(object)) {
      return object;
    }
    const path = await this.api.pathOf(object);
    const end = Date.now() + timeoutOf(object, timeout) * 1000;
    let last = object;
    let said = "";
    for (;;) {
      last = await this.api.request("GET", path);
      const reasons = await unready(this.api, last);
      if (reasons.length === 0) {
        return last;
      }
      if (said !== reasons.join("; ")) {
        said = reasons.join("; ");
        this.log(urn, "STATUS", said);
      }
      if (this.isCancelled || Date.now() > end) {
        throw failure(last, reasons);
      }
      await new Promise((resolve) => setTimeout(resolve, INTERVAL));
    }
  }

  private async awaitGone(path: string, object: KubernetesObject, timeout: number): Promise<void> {
    const limit = timeoutOf(object, timeout);
    const end = Date.now() + limit * 1000;
    for (;;) {
      // Another object of the same name is not this one. A 404 ends the wait by its error.
      const found = await this.api.request("GET", path);
      if (found.metadata?.uid !== object.metadata?.uid) {
        return;
      }
      if (this.isCancelled || Date.now() > end) {
        const finalizers = (found.metadata?.finalizers as string[] | undefined)?.join(", ");
        throw new Error(
          `'${object.metadata?.name}' timed out waiting to be deleted (${limit} s)${
            finalizers ? `: it waits for ${finalizers}` : ""
          }`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, INTERVAL));
    }
  }

  private withName(object: KubernetesObject, old: KubernetesObject, urn: string): KubernetesObject {
    const { metadata = {} } = object;
    if (metadata.name !== undefined) {
      return object;
    }
    const name = isAutonamed(old)
      ? old.metadata?.name
      : `${urn.split("::").at(-1)}-${randomBytes(4).toString("hex")}`;
    const annotations = { ...(metadata.annotations as object | undefined), [AUTONAMED]: "true" };
    return { ...object, metadata: { ...metadata, name, annotations } };
  }

  private async withNamespace(object: KubernetesObject): Promise<KubernetesObject> {
    if (object.metadata?.namespace !== undefined) {
      return object;
    }
    // Where nobody answers, the kinds that this program makes are all in namespaces but one.
    const isNamespaced = await this.api
      .isNamespaced(object)
      .catch(() => object.kind !== "Namespace");
    return isNamespaced
      ? { ...object, metadata: { ...object.metadata, namespace: this.namespace } }
      : object;
  }
}

function isUnreachable(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return ["ECONNREFUSED", "ENOTFOUND", "ETIMEDOUT", "EHOSTUNREACH", "ECONNRESET"].includes(code);
}

/** A refused connection to several addresses carries its words within. */
function wordsOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || code || String(error);
}

function sentence(said: string, reasons: readonly string[]): string {
  return [said, ...reasons.map((reason) => `    * ${reason}`)].join("\n");
}

serve((log) => new KubernetesProvider(log));
