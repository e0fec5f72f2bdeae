import * as pulumi from "@pulumi/pulumi";
import { Component } from "./component";
import type { ClusterCapacity, ConnectionArgs } from "./connection-args";
import type { Problem } from "./jetstream/problems";
import { lossOnKill } from "./jetstream/versions";
import { clusterSettings, declaredUsers } from "./kubernetes/cluster-settings";
import { type Credentials, colourCredentials, credentialProblems } from "./kubernetes/credentials";
import { clientHost, headlessHost, namesOf, PORTS, podHosts, podNames } from "./kubernetes/names";
import { colourConf } from "./kubernetes/nats-options";
import type { ColourSettings } from "./kubernetes/settings";
import { settingsProblems } from "./kubernetes/settings-rules";
import type { NatsClusterComponentArgs } from "./nats-cluster-args";
import { NatsClusterMembers } from "./nats-cluster-members";
import { createObjects, type SecretTexts } from "./nats-cluster-objects";
import { createRollout, secondsOf } from "./nats-cluster-rollout";
import {
  CLIENT_USER,
  PASSWORD_NAMES,
  type Passwords,
  PROVISIONER_INBOX,
  PROVISIONER_USER,
  SYSTEM_USER,
} from "./nats-server/server-options";
import { programSecret } from "./program-secret";
import { refuseProblems } from "./property-problems";
import { withShortTraces } from "./short-trace";
import { UserError } from "./user-error";

/** Where the applications find their login. */
export interface LoginSecretReference {
  readonly namespace: string;
  readonly name: string;
  /** Keys of the Secret. */
  readonly keys: { readonly url: "url"; readonly user: "user"; readonly password: "password" };
}

/**
 * One colour on Kubernetes: a StatefulSet of nats-servers with JetStream, and everything that it
 * needs in production. It is ready when JetStream has a meta leader and every server is current,
 * so streams that depend on it are made on a cluster that can hold them. A change that NATS can
 * reload is reloaded, any other restarts the servers one by one; a preview tells which.
 *
 * Needs the packages `@pulumi/kubernetes` and `@pulumi/command`.
 */
export class NatsClusterComponent extends Component {
  /** How the provisioner reaches the cluster: for `JetStreamAssets`, `Stream` and `KeyValue`. */
  readonly connection: ConnectionArgs;
  /** What the servers offer, known before they run. */
  readonly capacity: ClusterCapacity;
  /** Address for clients inside the Kubernetes cluster: `nats://...:4222`, `tls://` with TLS. */
  readonly clientUrl: string;
  /** DNS name of the headless Service. */
  readonly headlessName: string;
  /** DNS names of the pods. */
  readonly podHosts: readonly string[];
  /** Name of the cluster. */
  readonly clusterName: string;
  /** Name of the JetStream domain. */
  readonly domain: string;
  /** Namespace of the objects. */
  readonly namespace: string;
  /** The Secret with the applications' login. */
  readonly loginSecret: LoginSecretReference;
  /** The name of the colour, once the cluster is settled; not known before. */
  readonly ready: pulumi.Output<string>;

  constructor(
    name: string,
    args: NatsClusterComponentArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("tfdc-nats:index:NatsClusterComponent", name, options);
    const settings = clusterSettings(args);
    const secrets = this.secretTexts(name, args, settings);
    this.warnOfLosses(settings);

    const conf = colourConf(settings);
    this.connection = connectionOf(args, settings);
    const members = new NatsClusterMembers(
      `${name}-members`,
      {
        connection: this.connection,
        servers: podNames(settings),
        home: {
          namespace: settings.namespace,
          statefulSet: namesOf(settings).statefulSet,
          ...args.access,
        },
        stallSeconds: secondsOf(settings.settleTimeout),
      },
      { parent: this },
    );
    const input = { args, settings, conf, secrets, members };
    const settled = withShortTraces(() => {
      const objects = createObjects(this, name, input);
      return createRollout(this, name, { ...input, objects });
    });

    this.capacity = capacityOf(settings);
    this.clientUrl = clientUrl(settings);
    this.headlessName = headlessHost(settings);
    this.podHosts = podHosts(settings);
    this.clusterName = settings.colour;
    this.domain = settings.colour;
    this.namespace = settings.namespace;
    this.loginSecret = {
      namespace: settings.namespace,
      name: namesOf(settings).login,
      keys: { url: "url", user: "user", password: "password" },
    };
    this.ready = settled.id.apply(() => settings.colour);
    this.registerOutputs({
      clientUrl: this.clientUrl,
      headlessName: this.headlessName,
      podHosts: this.podHosts,
      clusterName: this.clusterName,
      domain: this.domain,
      namespace: this.namespace,
      loginSecret: this.loginSecret,
      ready: this.ready,
    });
  }

  private warnOfLosses({ serverVersion }: ColourSettings): void {
    const loss = lossOnKill(serverVersion);
    if (loss !== undefined) {
      void pulumi.log.warn(`nats-server ${serverVersion} ${loss.words}; ${loss.remedy}.`, this);
    }
  }

  /** Validates everything, and returns what goes into the Secrets. */
  private secretTexts(
    name: string,
    args: NatsClusterComponentArgs,
    settings: ColourSettings,
  ): SecretTexts {
    const problems: Problem[] = [...settingsProblems(settings), ...argumentProblems(args)];
    const find = (property: string, value: unknown): pulumi.Output<string> => {
      try {
        if (value === undefined || value === "") {
          throw new UserError(
            "nobody is let in without a password; give a secret, { config: key }, { env: name } or { file: path }",
          );
        }
        return programSecret("it", value as pulumi.Input<string>);
      } catch (error) {
        if (!(error instanceof UserError)) {
          throw error;
        }
        problems.push({ property, reason: `'${property}' is not set: ${error.message}` });
        return pulumi.output("");
      }
    };
    const passwords = Object.fromEntries(
      PASSWORD_NAMES.map((one) => [one, find(`passwords.${one}`, args.passwords?.[one])]),
    );
    const users = declaredUsers(args);
    const extra = Object.fromEntries(
      users.map(({ property, variable, args: user }) => [
        variable,
        find(`${property}.password`, user.password),
      ]),
    );
    refuseProblems(`the cluster '${name}'`, problems, this);

    const properties = Object.fromEntries(
      users.map(({ property, variable }) => [variable, `${property}.password`]),
    );
    const credentials = pulumi
      .all([pulumi.all(passwords), pulumi.all(extra)])
      .apply(([known, others]): Credentials => {
        const all = known as unknown as Passwords;
        refuseProblems(`the cluster '${name}'`, credentialProblems(all, others, properties), this);
        return colourCredentials(settings, all, others);
      });
    return {
      credentials: pulumi.secret(credentials.apply(({ text }) => text)),
      // It stands in the open, like the mark of the local servers' credentials.
      mark: pulumi.unsecret(credentials.apply(({ mark }) => mark)),
      login: pulumi.secret(
        pulumi.output(passwords.client as pulumi.Output<string>).apply((password) => ({
          url: clientUrl(settings),
          user: CLIENT_USER,
          password,
        })),
      ),
    };
  }
}

function argumentProblems({ tls, servers }: NatsClusterComponentArgs): Problem[] {
  const problems: Problem[] = [];
  const { clients } = tls ?? {};
  if (
    clients?.verify === true &&
    (clients.certFile === undefined || clients.keyFile === undefined)
  ) {
    problems.push({
      property: "tls.clients.certFile",
      reason:
        "'tls.clients.certFile' is not set: with 'verify' the provider must show a certificate as well; give 'certFile' and 'keyFile'",
    });
  }
  if (servers?.length === 0) {
    problems.push({
      property: "servers",
      reason:
        "'servers' is []: a connection needs at least one server; leave it out for a port-forward",
    });
  }
  return problems;
}

function clientUrl(settings: ColourSettings): string {
  const scheme = settings.tls.clients === undefined ? "nats" : "tls";
  return `${scheme}://${clientHost(settings)}:${PORTS.client}`;
}

function connectionOf(args: NatsClusterComponentArgs, settings: ColourSettings): ConnectionArgs {
  const { caFile, certFile, keyFile } = args.tls?.clients ?? {};
  return {
    ...(args.servers === undefined
      ? {
          kubernetes: {
            namespace: settings.namespace,
            service: namesOf(settings).clientService,
            ...args.access,
          },
        }
      : { servers: args.servers }),
    user: PROVISIONER_USER,
    password: args.passwords.provisioner,
    inboxPrefix: PROVISIONER_INBOX,
    // A server that is no member of a cluster reports its own name as the cluster's, and has nobody
    // to disagree with.
    ...(settings.replicas === 1
      ? {}
      : {
          cluster: settings.colour,
          system: { user: SYSTEM_USER, password: args.passwords.system },
        }),
    domain: settings.colour,
    ...(settings.tls.clients === undefined
      ? {}
      : {
          tls: {
            ...(caFile === undefined ? {} : { caFile }),
            ...(certFile === undefined ? {} : { certFile }),
            ...(keyFile === undefined ? {} : { keyFile }),
            ...(args.servers === undefined ? { serverName: clientHost(settings) } : {}),
          },
        }),
  };
}

function capacityOf(settings: ColourSettings): ClusterCapacity {
  return {
    servers: podNames(settings),
    maxFileStore: settings.maxFileStore,
    maxMemoryStore: settings.maxMemoryStore,
    serverVersion: settings.serverVersion,
    upgradedFirst: true,
  };
}
