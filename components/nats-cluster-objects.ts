import type * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { backupCronJob } from "./kubernetes/backup-cron-job";
import { clientService } from "./kubernetes/client-service";
import { configMap } from "./kubernetes/config-map";
import { headlessService } from "./kubernetes/headless-service";
import type { Secret } from "./kubernetes/manifests";
import { namespace } from "./kubernetes/namespace";
import type { ColourConf } from "./kubernetes/nats-options";
import { networkPolicy } from "./kubernetes/network-policy";
import { podDisruptionBudget } from "./kubernetes/pod-disruption-budget";
import { credentialsSecret, loginSecret } from "./kubernetes/secret";
import { serviceAccount } from "./kubernetes/service-account";
import { servicePortProblems } from "./kubernetes/service-rules";
import type { ColourSettings } from "./kubernetes/settings";
import { statefulSet } from "./kubernetes/stateful-set";
import { templateMark, withTemplateMark } from "./kubernetes/template-mark";
import type { NatsClusterComponentArgs, Transform } from "./nats-cluster-args";
import { renderNatsConf } from "./nats-server/nats-conf";
import { optionalPeer } from "./optional-peer";
import { refuseProblems } from "./property-problems";

/** What goes into the Secrets, and the mark that tells a reload of it. */
export interface SecretTexts {
  readonly credentials: pulumi.Output<string>;
  readonly mark: pulumi.Output<string>;
  readonly login: pulumi.Output<{ url: string; user: string; password: string }>;
}

/** What the objects are made from. */
export interface ObjectsInput {
  readonly args: NatsClusterComponentArgs;
  readonly settings: ColourSettings;
  readonly conf: ColourConf;
  readonly secrets: SecretTexts;
  /** Lets servers leave that are declared no more, before they are taken away. */
  readonly members: pulumi.Resource;
}

/** The objects that a rollout waits for. */
export interface ClusterObjects {
  readonly statefulSet: pulumi.Resource;
  /** Mark of what was declared of the pods, transforms included. */
  readonly templateMark: string;
  readonly configuration: readonly pulumi.Resource[];
}

/** Registers every object of a colour. Their types live in an optional package, loaded here. */
export function createObjects(
  parent: pulumi.ComponentResource,
  name: string,
  { args, settings, conf, secrets, members }: ObjectsInput,
): ClusterObjects {
  const k8s = optionalPeer<typeof kubernetes>("@pulumi/kubernetes", "NatsClusterComponent");
  const transform = args.transform ?? {};
  const services = {
    headlessService: transformed(headlessService(settings), transform.headlessService),
    clientService: transformed(clientService(settings), transform.clientService),
  };
  refuseProblems(
    `the cluster '${name}'`,
    Object.entries(services).flatMap(([which, service]) =>
      servicePortProblems(`transform.${which}`, service),
    ),
    parent,
  );
  const options: pulumi.CustomResourceOptions = {
    parent,
    ...providerOption(k8s, parent, name, args),
  };
  const home = createNamespace(k8s, name, args, settings, options);
  const inside = { ...options, ...(home === undefined ? {} : { dependsOn: [home] }) };

  const account = new k8s.core.v1.ServiceAccount(
    `${name}-service-account`,
    transformed(serviceAccount(settings), transform.serviceAccount) as object,
    inside,
  );
  const config = new k8s.core.v1.ConfigMap(
    `${name}-config`,
    transformed(configMap(settings, renderNatsConf(conf.options)), transform.configMap) as object,
    inside,
  );
  const credentials = new k8s.core.v1.Secret(
    `${name}-credentials`,
    withData(
      transformed(credentialsSecret(settings, ""), transform.credentials),
      secrets.credentials.apply((text) => credentialsSecret(settings, text).data ?? {}),
    ),
    inside,
  );
  new k8s.core.v1.Secret(
    `${name}-login`,
    withData(
      transformed(loginSecret(settings, { url: "", user: "", password: "" }), transform.login),
      secrets.login.apply((login) => loginSecret(settings, login).data ?? {}),
    ),
    inside,
  );
  const headless = new k8s.core.v1.Service(
    `${name}-headless`,
    services.headlessService as object,
    inside,
  );
  const client = new k8s.core.v1.Service(
    `${name}-client`,
    services.clientService as object,
    inside,
  );
  const budget = new k8s.policy.v1.PodDisruptionBudget(
    `${name}-disruption-budget`,
    transformed(podDisruptionBudget(settings), transform.podDisruptionBudget) as object,
    inside,
  );
  const policy = new k8s.networking.v1.NetworkPolicy(
    `${name}-network-policy`,
    transformed(networkPolicy(settings), transform.networkPolicy) as object,
    inside,
  );
  const declared = transformed(statefulSet(settings, conf.restartMark), transform.statefulSet);
  const mark = templateMark(declared);
  const servers = new k8s.apps.v1.StatefulSet(
    `${name}-stateful-set`,
    withTemplateMark(declared, mark) as unknown as kubernetes.apps.v1.StatefulSetArgs,
    {
      ...options,
      // What the pods mount, and what guards them, is there before they are.
      dependsOn: [account, config, credentials, headless, client, budget, policy, members],
      // Kubernetes knows no change of these; the shape of the cluster grows them.
      ignoreChanges: ["spec.volumeClaimTemplates"],
    },
  );
  if (settings.backup !== undefined) {
    new k8s.batch.v1.CronJob(
      `${name}-backup`,
      transformed(
        backupCronJob(settings, settings.backup),
        transform.backupCronJob,
      ) as unknown as kubernetes.batch.v1.CronJobArgs,
      inside,
    );
  }
  return {
    statefulSet: servers,
    templateMark: mark,
    configuration: [config, credentials],
  };
}

/**
 * A provider of our own, unless the component was given one. A changed ConfigMap or Secret is
 * updated where it is: as a replacement it would be away for a moment, and a pod that starts just
 * then would wait for it. And what somebody else has set is overwritten, where the default is to
 * refuse already in a preview: drift is a difference and no error.
 */
function providerOption(
  k8s: typeof kubernetes,
  parent: pulumi.ComponentResource,
  name: string,
  { access }: NatsClusterComponentArgs,
): pulumi.CustomResourceOptions {
  const { kubeconfig, context } = access ?? {};
  const isGiven = parent.getProvider("kubernetes:core/v1:Secret") !== undefined;
  if (isGiven && kubeconfig === undefined && context === undefined) {
    return {};
  }
  const behaviour = {
    enableConfigMapMutable: true,
    enableSecretMutable: true,
    enablePatchForce: true,
  };
  const inputs = { kubeconfig, context, ...behaviour };
  return { provider: new k8s.Provider(`${name}-kubernetes`, inputs, { parent }) };
}

/**
 * The provider of the namespace, which the other colour may have made: it takes part in what is
 * there. For every other object that would be to take somebody else's for our own.
 */
function sharingProvider(
  k8s: typeof kubernetes,
  parent: pulumi.Resource | undefined,
  name: string,
  { access }: NatsClusterComponentArgs,
): pulumi.ProviderResource {
  const { kubeconfig, context } = access ?? {};
  return new k8s.Provider(
    `${name}-kubernetes-sharing`,
    { kubeconfig, context, upsertExistingObjects: true, enablePatchForce: true },
    { parent },
  );
}

/**
 * Both stacks declare the same namespace, and destroying a colour leaves it to the other one. A
 * provider that the component was given must allow to take part in what exists.
 */
function createNamespace(
  k8s: typeof kubernetes,
  name: string,
  args: NatsClusterComponentArgs,
  settings: ColourSettings,
  options: pulumi.CustomResourceOptions,
): pulumi.Resource | undefined {
  return args.createNamespace === false
    ? undefined
    : new k8s.core.v1.Namespace(
        `${name}-namespace`,
        transformed(namespace(settings.namespace), args.transform?.namespace) as object,
        {
          ...options,
          retainOnDelete: true,
          ...(options.provider === undefined
            ? {}
            : { provider: sharingProvider(k8s, options.parent, name, args) }),
        },
      );
}

function transformed<T>(object: T, transform: Transform<T> | undefined): T {
  return transform?.(object) ?? object;
}

/** The texts are secrets from here on: encrypted in the state, hidden in every diff. */
function withData(secret: Secret, data: pulumi.Input<object>): object {
  return { ...secret, data };
}
