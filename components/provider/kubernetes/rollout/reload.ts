import { PassThrough } from "node:stream";
import type { V1Status } from "@kubernetes/client-node";
import { CONTAINER, PID_FILE, PORTS } from "../../../kubernetes/names";
import { UserError } from "../../../user-error";
import { systemExports, varz } from "../../monitoring-endpoints";
import { kubeWords } from "../kube-client";
import type { ColourPods } from "./colour-pods";
import { whatPodsWaitFor } from "./explain";
import { say } from "./say";
import { servedFingerprint } from "./served-certificate";

/** Annotation whose change makes a kubelet look after its pod, files included, at once. */
const NUDGE = "tfdc.io/reload";
/** Time for a server to take a signal in before it is asked. */
const SIGNAL_PAUSE = 500;
/** Time for a kubelet to look after a pod that it was told of. */
const DELIVERY = 2_000;
/** Between two signals: the files may not have been there yet. */
const PAUSE = 1_500;

/**
 * Has every server load its configuration, and makes sure that it did: a server shows the marks
 * of what it has loaded. Kubelets deliver files when they come round to it, so a server is
 * signalled until it shows the declared marks; an early signal loads what it has already.
 */
export async function reload(pods: ColourPods): Promise<void> {
  const { pods: names, marks = [], certificates = [] } = pods.plan;
  await allAnswer(pods);
  for (const { secretName, expires } of certificates) {
    say(`the certificate of secret ${secretName} expires ${expires}`);
  }
  const words = certificates.map(({ fingerprint, authority }) => `${fingerprint} ${authority}`);
  const nudgedWith = [...marks, ...words].join(" ");
  const hasCertificates = certificates.length > 0;
  await Promise.all(
    names.map(async (name) => {
      if (hasCertificates || !(await shows(pods, name, marks))) {
        await nudge(pods, name, nudgedWith);
      }
    }),
  );
  if (hasCertificates) {
    await pause(DELIVERY);
  }
  for (const name of names) {
    await reloadOne(pods, name, marks);
  }
}

/** A server that does not answer cannot tell what it has loaded. */
async function allAnswer(pods: ColourPods): Promise<void> {
  const { colour, settleSeconds, pods: names } = pods.plan;
  const deadline = Date.now() + settleSeconds * 1_000;
  let told: string | undefined;
  for (;;) {
    const answers = await Promise.all(names.map((name) => varz(pods.monitoringOf(name))));
    const silent = names.filter((_, index) => answers[index] === undefined);
    if (silent.length === 0) {
      return;
    }
    const reason =
      (await whatPodsWaitFor(pods).catch((error: unknown) => kubeWords(pods.kube, error))) ??
      `${silent.join(", ")} cannot be reached over the API server`;
    if (Date.now() > deadline) {
      throw new UserError(
        `the servers of cluster '${colour}' have not come up within ${settleSeconds} s: ${reason}. Mend the cause and run the command again.`,
      );
    }
    if (reason !== told) {
      say(`waiting: ${reason}`);
      told = reason;
    }
    await pause(PAUSE);
  }
}

async function reloadOne(pods: ColourPods, name: string, marks: readonly string[]): Promise<void> {
  const { settleSeconds } = pods.plan;
  const start = Date.now();
  const deadline = start + settleSeconds * 1_000;
  // Which authorities it trusts a server does not show.
  const leastSignals = (pods.plan.certificates ?? []).length > 0 ? 1 : 0;
  for (let signals = 0; ; signals++) {
    if (signals >= leastSignals && (await shows(pods, name, marks))) {
      const time = (await varz(pods.monitoringOf(name)))?.config_load_time;
      const how = signals === 0 ? "has loaded it already" : `loaded it at ${time}`;
      say(`${name} ${how}`);
      return;
    }
    if (Date.now() > deadline) {
      throw new UserError(await refusal(pods, name, start));
    }
    await signal(pods, name);
    await pause(SIGNAL_PAUSE);
    if (!(await shows(pods, name, marks))) {
      await pause(PAUSE);
    }
  }
}

async function shows(pods: ColourPods, name: string, marks: readonly string[]): Promise<boolean> {
  const shown = await systemExports(pods.monitoringOf(name));
  return (
    shown !== undefined &&
    marks.every((mark) => shown.includes(mark)) &&
    (await outdated(pods, name)) === undefined
  );
}

/** The Secret whose certificate a server does not show, if there is one. */
async function outdated(pods: ColourPods, name: string): Promise<string | undefined> {
  for (const { port, fingerprint, secretName } of pods.plan.certificates ?? []) {
    const isGreeting = port === PORTS.client;
    const shown = await pods.withPort(name, port, (one) => servedFingerprint(one, isGreeting));
    if (shown !== fingerprint) {
      return secretName;
    }
  }
  return undefined;
}

async function refusal(pods: ColourPods, name: string, since: number): Promise<string> {
  const { settleSeconds } = pods.plan;
  const log = await pods.log(name, { sinceSeconds: Math.ceil((Date.now() - since) / 1_000) + 1 });
  const words = /Failed to reload server configuration: (.*)/.exec(log)?.[1];
  const secret = await outdated(pods, name);
  if (words === undefined && secret !== undefined) {
    return `${name} shows another certificate than secret ${secret} holds: it has not arrived in the pod within ${settleSeconds} s, or was changed again meanwhile. Check that the kubelet of its node works, and run the command again.`;
  }
  return words === undefined
    ? `${name} runs on with its former configuration: the new one has not arrived in the pod within ${settleSeconds} s. Check that the kubelet of its node works, and run the command again.`
    : `${name} runs on with its former configuration: nats-server says "${words.trim()}" of the new one. Mend what it names and run the command again.`;
}

/** Tells the kubelet that something about the pod has changed. */
async function nudge({ kube, plan }: ColourPods, name: string, value: string): Promise<void> {
  const { setHeaderOptions, PatchStrategy } = kube.client;
  await kube.core.patchNamespacedPod(
    {
      name,
      namespace: plan.namespace,
      body: { metadata: { annotations: { [NUDGE]: value } } },
    },
    setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
  );
}

/** Has the server's own program signal it: the image holds no shell and no `kill`. */
async function signal({ kube, plan }: ColourPods, name: string): Promise<void> {
  const exec = new kube.client.Exec(kube.config);
  const errors = new PassThrough();
  let words = "";
  errors.on("data", (chunk: Buffer) => {
    words += chunk.toString();
  });
  const status = await new Promise<V1Status>((resolve, reject) => {
    exec
      .exec(
        plan.namespace,
        name,
        CONTAINER,
        ["nats-server", "--signal", `reload=${PID_FILE}`],
        new PassThrough().resume(),
        errors,
        null,
        false,
        resolve,
      )
      .then((socket) => socket.addEventListener("close", () => resolve({})), reject);
  });
  if (status.status === "Failure") {
    throw new UserError(
      `${name} cannot be told to reload: "${words.trim() || status.message}"; check that its image holds nats-server, and that exec into pods of namespace ${plan.namespace} is allowed.`,
    );
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
