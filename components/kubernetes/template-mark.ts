import { canonicalText } from "../jetstream/stream-settings";
import { textHash } from "../nats-server/conf-parts";
import type { StatefulSet } from "./manifests";

/** Annotation of pods: what was declared of them, as a mark. */
export const TEMPLATE_MARK = "tfdc.io/declared-template";

/** A mark of what a StatefulSet declares of its pods. */
export function templateMark({ spec }: StatefulSet): string {
  return textHash(canonicalText(spec?.template));
}

/** A StatefulSet whose pods carry the mark, so that it can be told which ones are as declared. */
export function withTemplateMark(set: StatefulSet, mark: string): StatefulSet {
  const template = set.spec?.template;
  if (set.spec === undefined || template === undefined) {
    return set;
  }
  const annotations = { ...template.metadata?.annotations, [TEMPLATE_MARK]: mark };
  const metadata = { ...template.metadata, annotations };
  return { ...set, spec: { ...set.spec, template: { ...template, metadata } } };
}
