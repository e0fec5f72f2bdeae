import { canonicalText } from "../../jetstream/stream-settings";
import { type ClusterShape, isGrowth, shapeProblems } from "../../kubernetes/shape";
import type { DiffResult, DynamicProvider, Properties } from "../dynamic-provider";
import { keepStackConfig } from "../stack-config";
import { growVolumes } from "./grow-volumes";

/** The shape of a colour as a resource: it makes nothing, refuses at preview, and grows volumes. */
export const clusterShape: DynamicProvider = {
  configure: async (request) => keepStackConfig(request),
  check: async (olds, news) => ({
    inputs: news,
    failures: shapeProblems(shapeOf(olds), shapeOf(news)).map((one) => ({ ...one })),
  }),
  diff: async (_id, olds, news) => diff(olds, news),
  create: async (inputs) => {
    const { namespace, statefulSet } = shapeOf(inputs);
    return { id: `${namespace}/${statefulSet}`, outs: inputs };
  },
  read: async (id, props) => ({ id, props, inputs: { ...props } }),
  update: async (_id, olds, news) => {
    if (isGrowth(shapeOf(olds), shapeOf(news))) {
      await growVolumes(shapeOf(news));
    }
    return { outs: news };
  },
  delete: async () => undefined,
};

/** A StatefulSet under another name has nothing of this one. */
const IDENTITY = ["namespace", "statefulSet"] as const;

function diff(olds: Properties, news: Properties): DiffResult {
  const { __provider: _old, ...before } = olds;
  const { __provider: _new, ...after } = news;
  return canonicalText(before) === canonicalText(after)
    ? { changes: false }
    : { replaces: IDENTITY.filter((name) => before[name] !== after[name]) };
}

function shapeOf(properties: Properties): ClusterShape {
  return properties as unknown as ClusterShape;
}
