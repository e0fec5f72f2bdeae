import { Kubernetes } from "./cluster";

let started: Promise<Kubernetes> | undefined;

/**
 * The Kubernetes that all test files of a run share: the first one that asks has it started, and
 * the run's end has it cleared away.
 */
export function sharedKubernetes(): Promise<Kubernetes> {
  started ??= Kubernetes.start();
  return started;
}

// Outside of any suite: mocha runs it once, after everything.
after(async function stopKubernetes() {
  this.timeout(60_000);
  const cluster = await started?.catch(() => undefined);
  await cluster?.stop();
});
