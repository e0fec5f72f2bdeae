import type * as commands from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { canonicalText } from "./jetstream/stream-settings";
import { parseDuration } from "./jetstream/units";
import { namesOf, PORTS, podNames } from "./kubernetes/names";
import { CONFIGURATION_MARK, CREDENTIALS_MARK } from "./kubernetes/nats-options";
import type { PlannedCertificate, RolloutAction, RolloutPlan } from "./kubernetes/rollout-plan";
import { PLAN_VARIABLE } from "./kubernetes/rollout-plan";
import { NatsClusterCertificates } from "./nats-cluster-certificates";
import type { ClusterObjects, ObjectsInput } from "./nats-cluster-objects";
import { NatsClusterRevision } from "./nats-cluster-revision";
import { NatsClusterShape } from "./nats-cluster-shape";
import { optionalPeer } from "./optional-peer";

/** What a rollout is made from. */
export interface RolloutInput extends ObjectsInput {
  readonly objects: ClusterObjects;
}

/** A roll waits before a restart, for the pod to end, and after it. */
const WAITS_PER_SERVER = 3;
/** How much longer Pulumi waits for a step than the step waits itself. */
const TIMEOUT_MARGIN_SECONDS = 60n;

/**
 * Registers the steps by which servers take over what has changed. Each runs again only when its
 * trigger changes, so that a preview shows `nats-blue-roll` where servers will be restarted and
 * `nats-blue-reload` where they will be reloaded. The last one is the gate before streams.
 */
export function createRollout(
  parent: pulumi.ComponentResource,
  name: string,
  input: RolloutInput,
): pulumi.CustomResource {
  const { args, settings, conf, secrets, objects } = input;
  const { local } = optionalPeer<typeof commands>("@pulumi/command", "NatsClusterComponent");
  const template = objects.templateMark;
  const seconds = BigInt(secondsOf(settings.settleTimeout));
  const plan: RolloutPlan = {
    namespace: settings.namespace,
    statefulSet: namesOf(settings).statefulSet,
    colour: settings.colour,
    pods: podNames(settings),
    settleSeconds: Number(seconds),
    ...args.access,
  };
  const step = (
    action: RolloutAction,
    triggers: readonly pulumi.Input<string>[],
    environment: pulumi.Input<string>,
    dependsOn: readonly pulumi.Resource[],
  ) =>
    new local.Command(
      `${name}-${action}`,
      {
        // Node reads its text itself: no shell stands between, and no secret in it.
        interpreter: ["node", "--eval"],
        create: `require("@tfdc/pulumi-nats/rollout").run("${action}");`,
        environment: { [PLAN_VARIABLE]: environment },
        triggers: [...triggers],
        addPreviousOutputInEnv: false,
      },
      {
        parent,
        dependsOn: [...dependsOn],
        customTimeouts: timeouts(seconds * BigInt(WAITS_PER_SERVER * settings.replicas + 1)),
      },
    );

  const certificates = watchedCertificates(parent, name, { args, settings }, objects.statefulSet);
  const marks = pulumi
    .all([secrets.mark, certificates ?? pulumi.output([])])
    .apply(([mark, shown]) => ({
      ...plan,
      marks: [`${CONFIGURATION_MARK}.${conf.reloadMark}`, `${CREDENTIALS_MARK}.${mark}`],
      ...(shown.length === 0 ? {} : { certificates: shown }),
    }));
  const shape = new NatsClusterShape(
    `${name}-shape`,
    {
      namespace: settings.namespace,
      statefulSet: namesOf(settings).statefulSet,
      replicas: settings.replicas,
      volumeSize: settings.volumeSize,
      storageClass: settings.storageClass,
      ...args.access,
    },
    { parent, dependsOn: [objects.statefulSet] },
  );
  const base = [objects.statefulSet, shape, ...objects.configuration];
  const rolled =
    settings.rollout === "guarded"
      ? [step("roll", [template, dueRolls(parent, name, input)], JSON.stringify(plan), base)]
      : [];
  const reloaded = step(
    "reload",
    [
      conf.reloadMark,
      secrets.mark,
      ...(certificates === undefined ? [] : [certificates.apply(canonicalText)]),
    ],
    marks.apply((full) => JSON.stringify(full)),
    [...base, ...rolled],
  );
  return step(
    "settled",
    [template, conf.reloadMark, secrets.mark, String(settings.replicas)],
    JSON.stringify(plan),
    [...base, ...rolled, reloaded],
  );
}

/** How many rolls were due so far because a pod was not as declared, whatever is declared. */
function dueRolls(
  parent: pulumi.ComponentResource,
  name: string,
  { args, settings, objects }: RolloutInput,
): pulumi.Output<string> {
  const { rolls } = new NatsClusterRevision(
    `${name}-revision`,
    {
      namespace: settings.namespace,
      statefulSet: namesOf(settings).statefulSet,
      template: objects.templateMark,
      ...args.access,
    },
    { parent },
  );
  return rolls.apply(String);
}

/** The certificates that servers have to show, where TLS is on, as their Secrets hold them now. */
function watchedCertificates(
  parent: pulumi.ComponentResource,
  name: string,
  { args, settings }: Pick<RolloutInput, "args" | "settings">,
  statefulSet: pulumi.Resource,
): pulumi.Output<PlannedCertificate[]> | undefined {
  const ports = { clients: PORTS.client, routes: PORTS.cluster } as const;
  const wanted = (["clients", "routes"] as const).flatMap((kind) => {
    const secretName = settings.tls[kind]?.secretName;
    return secretName === undefined ? [] : [{ port: ports[kind], secretName }];
  });
  if (wanted.length === 0) {
    return undefined;
  }
  const { certificates } = new NatsClusterCertificates(
    `${name}-certificates`,
    {
      namespace: settings.namespace,
      secrets: [...new Set(wanted.map(({ secretName }) => secretName))],
      ...args.access,
    },
    { parent, dependsOn: [statefulSet] },
  );
  return certificates.apply((found) =>
    wanted.flatMap((one) => {
      const certificate = found?.[one.secretName];
      return certificate === undefined || "problem" in certificate
        ? []
        : [{ ...one, ...certificate }];
    }),
  );
}

/** A duration in whole seconds. */
export function secondsOf(duration: string): number {
  return Number((parseDuration(duration) ?? 0n) / 1_000_000_000n);
}

function timeouts(seconds: bigint): pulumi.CustomTimeouts {
  const text = `${seconds + TIMEOUT_MARGIN_SECONDS}s`;
  return { create: text, update: text };
}
