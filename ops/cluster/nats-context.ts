import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ConnectionArgs } from "@tfdc/pulumi-nats/internal/connection-args";
import { UsageError } from "../usage-error";
import type { Cluster } from "./cluster";

/** A context as the `nats` command line keeps it, as far as it is used. */
interface NatsContext {
  readonly url?: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  readonly creds?: string;
  readonly nkey?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly inbox_prefix?: string;
}

/** The folder in which the `nats` command line keeps its contexts. */
export function contextFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CONFIG_HOME || join(homedir(), ".config"), "nats", "context");
}

/** The cluster that a context of the `nats` command line reaches. */
export function clusterOfContext(name: string, folder = contextFolder()): Cluster {
  const path = join(folder, `${name}.json`);
  if (!existsSync(path)) {
    const there = existsSync(folder)
      ? readdirSync(folder).flatMap((file) => /^(.+)\.json$/.exec(file)?.[1] ?? [])
      : [];
    throw new UsageError(
      `there is no context '${name}' in ${folder}; ${there.length === 0 ? "there is none at all: make one with: nats context add" : `there are: ${there.join(", ")}`}.`,
    );
  }
  return { name, connection: connectionOf(name, parse(path)), monitoring: [] };
}

function parse(path: string): NatsContext {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as NatsContext;
  } catch (error) {
    throw new UsageError(`the context ${path} is no JSON: ${(error as Error).message}.`);
  }
}

function connectionOf(name: string, context: NatsContext): ConnectionArgs {
  const { url = "", user, password, token, creds, nkey, ca, cert, key, inbox_prefix } = context;
  if (nkey !== undefined && nkey !== "") {
    throw new UsageError(
      `the context '${name}' logs in with an NKey alone, which this command cannot; give it a creds file, or a user and a password.`,
    );
  }
  const servers = url.split(",").flatMap((one) => one.trim().replace(/^nats:\/\//, "") || []);
  const [address = "127.0.0.1:4222"] = servers;
  const [, urlUser, urlPassword] = /^([^:@/]+):([^@/]+)@/.exec(address) ?? [];
  return {
    servers: servers.length === 0 ? [address] : servers.map((one) => one.replace(/^[^@/]*@/, "")),
    ...given("user", user ?? urlUser),
    ...given("password", password ?? urlPassword),
    ...given("token", token),
    ...given("credsFile", creds),
    ...given("inboxPrefix", inbox_prefix),
    ...(ca || cert || key
      ? { tls: { ...given("caFile", ca), ...given("certFile", cert), ...given("keyFile", key) } }
      : {}),
  };
}

function given<K extends string>(name: K, value: string | undefined): { [key in K]?: string } {
  return (value === undefined || value === "" ? {} : { [name]: value }) as { [key in K]?: string };
}
