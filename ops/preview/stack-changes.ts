import { reasonUnasked } from "@tfdc/pulumi-nats/internal/preview-words";
import { ASSETS, type Effects, effectsOf, lossOf } from "./effects";
import {
  type Diagnostic,
  type LastInputs,
  nameAndType,
  type PreviewDocument,
  type PreviewStep,
  type Remark,
} from "./preview-document";
import { driftOf, OF_THE_READING, type PropertyChange, propertyChanges } from "./property-diff";

/** What would be done with a resource. */
export type Operation = "create" | "update" | "replace" | "delete";

/** One resource that a preview would touch. */
export interface ResourceChange {
  readonly name: string;
  readonly type: string;
  readonly operation: Operation;
  readonly properties: readonly PropertyChange[];
}

/** A resource that is not what the last update made of it. */
export interface Drift {
  readonly name: string;
  readonly type: string;
  /** What differs; `gone` where there is nothing any more. */
  readonly properties: readonly PropertyChange[] | "gone";
  /** Whether the code says by now what was done behind its back, so that nothing is put back. */
  readonly isDeclared: boolean;
}

/** A preview of one stack, as a reviewer asks for it. */
export interface StackChanges extends Effects {
  readonly stack: string;
  /** `judged`; `failed` where something is refused; `absent` where there is no preview at all. */
  readonly outcome: "judged" | "failed" | "absent";
  readonly changes: readonly ResourceChange[];
  readonly unchanged: number;
  /** What deletes messages, in the words of the preview. */
  readonly losses: readonly Remark[];
  readonly refusals: readonly Remark[];
  readonly warnings: readonly Remark[];
  /** Clusters that could not be asked: what was said, and of how many assets. */
  readonly unreachable: readonly { readonly reason: string; readonly assets: number }[];
  /** `undefined` where nobody told what the last update made. */
  readonly drift: readonly Drift[] | undefined;
}

/** What is known of a stack besides its preview. */
export interface StackBesides {
  /** The inputs as the last update left them. */
  readonly last?: LastInputs;
  /** What pulumi printed on its standard error. */
  readonly log?: string;
}

/** Reads out of a preview what a reviewer asks for. No preview at all is a failure with a reason. */
export function stackChanges(
  stack: string,
  document: PreviewDocument | undefined,
  { last, log }: StackBesides = {},
): StackChanges {
  const steps = document?.steps ?? [];
  const diagnostics = document?.diagnostics ?? [];
  const planned = steps.filter(({ op }) => OPERATIONS[op] !== undefined);
  const changes = withoutHalves(planned).map((step) => changeOf(step, last));
  const said = (severity: string) =>
    diagnostics.filter((one) => one.severity === severity).map(remarkOf);
  const errors = said("error");
  const refusals =
    document !== undefined || errors.length > 0
      ? errors
      : [{ about: undefined, text: log?.trim() || NOTHING_SAID }];
  const losses = planned.flatMap((step) => lossOf(step));
  const touched = new Set(planned.map(({ urn }) => urn));
  return {
    stack,
    outcome: document === undefined ? "absent" : refusals.length > 0 ? "failed" : "judged",
    changes,
    unchanged: countUnchanged(steps, touched),
    losses,
    refusals,
    warnings: said("warning").filter(
      ({ text }) => reasonUnasked(text) === undefined && !losses.some((loss) => text === loss.text),
    ),
    unreachable: [...unreachableOf(steps), ...unaskedOf(planned)],
    drift: last === undefined ? undefined : driftsOf(steps, touched, last),
    ...effectsOf(planned),
  };
}

const NOTHING_SAID = "pulumi printed no preview; what it said is in the log of the run.";

const OPERATIONS: Readonly<Record<string, Operation | undefined>> = {
  create: "create",
  update: "update",
  delete: "delete",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
};

/** A replacement is several steps of one resource, and one thing for a reader. */
function withoutHalves(steps: readonly PreviewStep[]): PreviewStep[] {
  const rank = ["delete-replaced", "create-replacement", "replace"];
  const best = new Map<string, PreviewStep>();
  for (const step of steps) {
    const known = best.get(step.urn);
    if (known === undefined || rank.indexOf(step.op) > rank.indexOf(known.op)) {
      best.set(step.urn, step);
    }
  }
  return [...best.values()];
}

function changeOf(step: PreviewStep, last: LastInputs | undefined): ResourceChange {
  return {
    ...nameAndType(step.urn),
    operation: OPERATIONS[step.op] ?? "update",
    properties: propertyChanges(step, last?.get(step.urn)),
  };
}

/** The resources that a refresh read, and that nothing is done with. */
function countUnchanged(steps: readonly PreviewStep[], touched: ReadonlySet<string>): number {
  const all = new Set(steps.map(({ urn }) => urn));
  return [...all].filter((urn) => !touched.has(urn)).length;
}

function remarkOf({ urn, message = "" }: Diagnostic): Remark {
  return {
    about: urn === undefined || urn === "" ? undefined : nameAndType(urn).name,
    text: message.replace(/^(error|warning): (\S+ resource '.*?' has a problem: )?/, "").trim(),
  };
}

function unreachableOf(steps: readonly PreviewStep[]) {
  const found = new Map<string, Set<string>>();
  for (const { urn, oldState } of steps) {
    const live = oldState?.inputs?.liveState;
    if (typeof live === "string" && live.startsWith("unreachable: ")) {
      const reason = live.slice("unreachable: ".length);
      found.set(reason, (found.get(reason) ?? new Set()).add(urn));
    }
  }
  return [...found].map(([reason, urns]) => ({ reason, assets: urns.size }));
}

/** Clusters that new assets could not be compared with: one of a cluster's assets says so. */
function unaskedOf(steps: readonly PreviewStep[]) {
  const assets = steps.filter(({ urn }) => ASSETS.includes(nameAndType(urn).type));
  const connectionOf = ({ newState }: PreviewStep) => JSON.stringify(newState?.inputs?.connection);
  return assets.flatMap((step) => {
    const reason = reasonUnasked(String(step.newState?.inputs?.warning ?? ""));
    const same = assets.filter((other) => connectionOf(other) === connectionOf(step));
    return reason === undefined ? [] : [{ reason, assets: same.length }];
  });
}

function driftsOf(
  steps: readonly PreviewStep[],
  touched: ReadonlySet<string>,
  last: LastInputs,
): Drift[] {
  const read = new Map(
    steps.filter(({ oldState }) => oldState?.inputs !== undefined).map((step) => [step.urn, step]),
  );
  const changed = [...read].flatMap(([urn, step]) => {
    const before = last.get(urn);
    const properties = before === undefined ? [] : driftOf(step, before);
    const own = properties.filter(({ path }) => !OF_THE_READING.includes(path));
    return own.length === 0
      ? []
      : [{ ...nameAndType(urn), properties: own, isDeclared: !touched.has(urn) }];
  });
  const gone = steps
    .filter(({ op, urn }) => op === "create" && last.has(urn))
    .map(({ urn }) => ({ ...nameAndType(urn), properties: "gone" as const, isDeclared: false }));
  return [...gone, ...changed];
}
