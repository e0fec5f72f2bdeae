import { randomBytes } from "node:crypto";
import { ApiError, type KubernetesApi, type KubernetesObject } from "../../kubernetes/api";
import type { Problem } from "../provider-server";
import { overlay } from "./comparing";

const FORCE = "pulumi.com/patchForce";
const APPLY = "application/apply-patch+yaml";
const DOCS =
  "https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/";

/** Writes of objects, for certain or as a dry run, validated strictly. */
export class ObjectWrites {
  constructor(
    private readonly api: KubernetesApi,
    private readonly forces: boolean,
  ) {}

  /** Server-side apply: a field that somebody else has set meanwhile is a conflict, unless forced. */
  async apply(
    path: string,
    body: KubernetesObject,
    fieldManager: string,
    isPreview: boolean,
    isNew: boolean,
  ): Promise<KubernetesObject> {
    const annotations = body.metadata?.annotations as Record<string, string> | undefined;
    const force = isNew || annotations?.[FORCE] === "true" || this.forces;
    try {
      return await this.api.request("PATCH", path, {
        contentType: APPLY,
        query: {
          fieldManager,
          fieldValidation: "Strict",
          force,
          dryRun: isPreview ? "All" : undefined,
        },
        body,
      });
    } catch (error) {
      if (error instanceof ApiError && error.status === 409 && error.reason === "Conflict") {
        throw new ApiError(
          409,
          `the Server-Side Apply field conflict detected. See ${DOCS} for troubleshooting help: ${error.message}`,
          error.reason,
        );
      }
      throw error;
    }
  }

  /** Gives up every field that a manager has applied, and leaves the object. */
  async relinquish(path: string, object: KubernetesObject, fieldManager: string): Promise<void> {
    const { apiVersion, kind, metadata: { name, namespace } = {} } = object;
    await this.api.request("PATCH", path, {
      contentType: APPLY,
      query: { fieldManager },
      body: { apiVersion, kind, metadata: { name, namespace } },
    });
  }

  async exists(path: string): Promise<boolean> {
    try {
      await this.api.request("GET", path);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) {
        return false;
      }
      throw error;
    }
  }

  /** What the API server says against an object, whatever else stands in its way today. */
  async refusals(object: KubernetesObject): Promise<Problem[]> {
    try {
      await this.dryCreate(object);
      return [];
    } catch (error) {
      if (error instanceof ApiError && (error.status === 400 || error.status === 422)) {
        const property = /unknown field "([^"]+)"/.exec(error.message)?.[1] ?? "";
        return [{ property, reason: error.message }];
      }
      return [];
    }
  }

  /** The inputs in the API server's own words: `1000m` of a CPU is `1`. */
  async normalise(object: KubernetesObject): Promise<KubernetesObject> {
    try {
      const name = `normalise-${randomBytes(6).toString("hex")}`;
      const served = await this.dryCreate({ ...object, metadata: { ...object.metadata, name } });
      const { metadata, ...rest } = object;
      return { ...(overlay(rest, served) as KubernetesObject), metadata };
    } catch {
      return object;
    }
  }

  private async dryCreate(object: KubernetesObject): Promise<KubernetesObject> {
    const path = (await this.api.pathOf(object)).replace(/\/[^/]+$/, "");
    return this.api.request("POST", path, {
      query: { dryRun: "All", fieldValidation: "Strict", fieldManager: "pulumi-kubernetes" },
      body: object,
    });
  }
}
