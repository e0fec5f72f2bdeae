import type { V1Pod } from "@kubernetes/client-node";
import { canonicalText } from "../../jetstream/stream-settings";
import { TEMPLATE_MARK } from "../../kubernetes/template-mark";
import type { NatsClusterRevisionArgs } from "../../nats-cluster-revision";
import type { DynamicProvider, Properties } from "../dynamic-provider";
import { keepStackConfig } from "../stack-config";
import { loadKube } from "./kube-client";
import { revisionOf } from "./rollout/colour-pods";
import { currentRevision } from "./rollout/revision";

interface Watched extends NatsClusterRevisionArgs {
  /** How many rolls were due so far. */
  readonly rolls?: number;
}

/** A StatefulSet under another name has other pods. */
const IDENTITY = ["namespace", "statefulSet"] as const;

/**
 * How often a pod of a colour was not as declared, as a resource that makes nothing. A preview looks
 * at the pods and counts one more where there is such a pod; the roll that this triggers leaves the
 * count as it is.
 */
export const clusterRevision: DynamicProvider = {
  configure: async (request) => keepStackConfig(request),
  check: async (olds, news) => {
    const { rolls = 0 } = watched(olds);
    const due = await notAsDeclared(watched(news));
    return { inputs: { ...news, rolls: due.length === 0 ? rolls : rolls + 1, due }, failures: [] };
  },
  diff: async (_id, olds, news) =>
    canonicalText(counted(olds)) === canonicalText(counted(news))
      ? { changes: false }
      : { replaces: IDENTITY.filter((name) => olds[name] !== news[name]) },
  create: async (inputs) => {
    const { namespace, statefulSet } = watched(inputs);
    return { id: `${namespace}/${statefulSet}`, outs: { ...inputs, due: [] } };
  },
  read: async (id, props) => ({ id, props, inputs: { ...props } }),
  update: async (_id, _olds, news) => ({ outs: { ...news, due: [] } }),
  delete: async () => undefined,
};

/**
 * The pods that a roll would have to look at: made from another declaration, or from another revision
 * than the StatefulSet has, as when somebody else has edited it. None where the API server cannot be
 * asked: what is wrong then is told by what has to write.
 */
async function notAsDeclared(watching: Watched): Promise<string[]> {
  const { namespace, statefulSet, template, kubeconfig, context } = watching;
  try {
    const { config, client, core } = await loadKube({ kubeconfig, context });
    const apps = config.makeApiClient(client.AppsV1Api);
    const set = await apps.readNamespacedStatefulSet({ name: statefulSet, namespace });
    const revision = currentRevision(set);
    const labelSelector = Object.entries(set.spec?.selector.matchLabels ?? {})
      .map(([label, value]) => `${label}=${value}`)
      .join(",");
    const { items } = await core.listNamespacedPod({ namespace, labelSelector });
    const isAsDeclared = (pod: V1Pod) =>
      pod.metadata?.annotations?.[TEMPLATE_MARK] === template &&
      (revision === undefined || revisionOf(pod) === revision);
    return items
      .filter((pod) => pod.metadata?.deletionTimestamp === undefined && !isAsDeclared(pod))
      .map(({ metadata }) => metadata?.name ?? "")
      .sort();
  } catch {
    return [];
  }
}

/** Which pods it was is said, and is no difference of its own. */
function counted({ __provider: _text, due: _pods, ...rest }: Properties): Properties {
  return rest;
}

function watched(props: Properties): Watched {
  return props as unknown as Watched;
}
