import type { CoreV1Event, V1Pod } from "@kubernetes/client-node";
import { CONTAINER } from "../../../kubernetes/names";
import { PROBE_PATHS } from "../../../kubernetes/probes";
import { healthError, routesOf } from "../../monitoring-endpoints";
import { isReady } from "../service-pods";
import type { ColourPods } from "./colour-pods";

/** Why a container waits that nothing is wrong with. */
const STARTING: ReadonlySet<string> = new Set(["ContainerCreating", "PodInitializing"]);

/**
 * What pods wait for: which pod, which container or probe, and the last event that tells why.
 * `undefined` where every pod is ready.
 */
export async function whatPodsWaitFor(pods: ColourPods): Promise<string | undefined> {
  const found = await pods.list();
  const reasons = await Promise.all(
    pods.plan.pods.map((name) => {
      const pod = found.get(name);
      return pod === undefined ? missing(pods, name) : reasonOf(pods, name, pod);
    }),
  );
  const known = [...new Set(reasons.filter((reason) => reason !== undefined))];
  return known.length === 0 ? undefined : known.join("; ");
}

async function missing(pods: ColourPods, name: string): Promise<string> {
  const event = await lastWarning(pods, [pods.plan.statefulSet], (one) =>
    (one.message ?? "").includes(name),
  );
  return `${name} does not exist${said(event)}`;
}

async function reasonOf(pods: ColourPods, name: string, pod: V1Pod): Promise<string | undefined> {
  if (pod.metadata?.deletionTimestamp !== undefined) {
    return `${name} is ending`;
  }
  if (isReady(pod)) {
    return undefined;
  }
  // The pod before it had the same name, and its events are still there.
  const isOurs = ({ involvedObject }: CoreV1Event) => involvedObject.uid === pod.metadata?.uid;
  const waits = (pod.status?.containerStatuses ?? []).flatMap(({ name: container, state }) =>
    state?.waiting === undefined ? [] : [{ container, ...state.waiting }],
  );
  const stuck = waits.find(({ reason = "" }) => !STARTING.has(reason));
  if (stuck !== undefined) {
    return waiting(pods, name, stuck, isOurs);
  }
  if (waits.length > 0) {
    return `${name} is being started${said(await lastWarning(pods, [name], isOurs))}`;
  }
  const server = pod.status?.containerStatuses?.find((one) => one.name === CONTAINER);
  if (server?.state?.running !== undefined) {
    return unready(pods, name, server.started === true ? "readinessProbe" : "startupProbe", isOurs);
  }
  const scheduled = pod.status?.conditions?.find(({ type }) => type === "PodScheduled");
  if (scheduled?.status === "False") {
    const claim = await lastWarning(pods, [`data-${name}`], () => true);
    return `${name} has no node: ${scheduled.message ?? "no reason given"}${said(claim)}`;
  }
  return `${name} is ${pod.status?.phase ?? "not known"}${said(await lastWarning(pods, [name], isOurs))}`;
}

/**
 * What a server that runs says itself: the kubelet writes down the number 503 and not the words
 * that came with it.
 */
async function unready(
  pods: ColourPods,
  name: string,
  probe: "startupProbe" | "readinessProbe",
  isOurs: (event: CoreV1Event) => boolean,
): Promise<string> {
  const address = pods.monitoringOf(name);
  const path = PROBE_PATHS[probe];
  const [error, routes] = await Promise.all([healthError(address, path), routesOf(address)]);
  const waits = `${name} runs, and its ${probe.replace("Probe", " probe")} has not succeeded yet`;
  if (error !== undefined) {
    const lost = pods.plan.pods.filter((other) => other !== name && routes?.has(other) === false);
    const alone = lost.length === 0 ? "" : `, and it has no route to ${lost.join(" and ")}`;
    return `${waits}: ${path} says "${error}"${alone}`;
  }
  if (routes !== undefined) {
    return waits;
  }
  const event = await lastWarning(pods, [name], (one) => isOurs(one) && one.reason === "Unhealthy");
  const words = await lastWords(pods, name);
  return `${waits}${said(event)}${words === "" ? "" : `, and its log says "${words}"`}`;
}

async function waiting(
  pods: ColourPods,
  name: string,
  {
    container,
    reason = "unknown",
    message,
  }: { readonly container: string; readonly reason?: string; readonly message?: string },
  isOurs: (event: CoreV1Event) => boolean,
): Promise<string> {
  if (reason === "CrashLoopBackOff") {
    return `the container ${container} of ${name} ends again and again: "${await lastWords(pods, name)}"`;
  }
  const event = message === undefined ? await lastWarning(pods, [name], isOurs) : undefined;
  const words = message === undefined ? said(event) : `: "${message}"`;
  return `the container ${container} of ${name} does not start (${reason})${words}`;
}

/** The last line in which a server complains, without pid and time; of one that ended, if any. */
async function lastWords(pods: ColourPods, name: string): Promise<string> {
  const text =
    (await pods.log(name, { previous: true })) || (await pods.log(name, { previous: false }));
  const lines = text.trim().split("\n");
  const line =
    lines.findLast((one) => /\[(FTL|ERR)\]|error|nats-server:/i.test(one)) ?? lines.at(-1);
  return (line ?? "").replace(/^\[\d+\] \S+ \S+ \[\w+\] /, "").trim();
}

async function lastWarning(
  { kube, plan }: ColourPods,
  names: readonly string[],
  isMeant: (event: CoreV1Event) => boolean,
): Promise<CoreV1Event | undefined> {
  const lists = await Promise.all(
    names.map((name) =>
      kube.core.listNamespacedEvent({
        namespace: plan.namespace,
        fieldSelector: `involvedObject.name=${name},type=Warning`,
      }),
    ),
  );
  return lists
    .flatMap(({ items }) => items)
    .filter(isMeant)
    .sort((left, right) => timeOf(left) - timeOf(right))
    .at(-1);
}

function timeOf({ lastTimestamp, eventTime, series }: CoreV1Event): number {
  const time = series?.lastObservedTime ?? lastTimestamp ?? eventTime;
  return time === undefined ? 0 : new Date(time).getTime();
}

function said(event: CoreV1Event | undefined): string {
  return event === undefined ? "" : ` (last event: ${event.reason}: "${event.message?.trim()}")`;
}
