import type { ConfigureRequest } from "./dynamic-provider";

let stackConfig: ConfigureRequest["config"] | undefined;

/**
 * Keeps the stack's configuration for references to it. It must not wait for anything: the engine
 * calls other methods before `configure` has finished.
 */
export function keepStackConfig({ config }: ConfigureRequest): void {
  stackConfig = config;
}

/** A value of the stack's configuration, secrets in clear. */
export function fromStackConfig(key: string): string | undefined {
  return stackConfig?.get(key);
}
