import { counted } from "../health/finding";
import { code, fenced } from "./markdown";
import type { Remark } from "./preview-document";
import { withoutLogins } from "./redact";
import type { Drift, Operation, StackChanges } from "./stack-changes";

/** How much the summary says of each thing before it only counts the rest. */
export interface Shortness {
  readonly names: number;
  readonly remarks: number;
  readonly characters: number;
}

const NONE = "none";

/** What a reviewer grasps in ten seconds: a verdict, a column for each stack, what was said. */
export function summary(stacks: readonly StackChanges[], short: Shortness): string {
  const rows = ASPECTS.map(({ title, cell }) => [title, ...stacks.map((one) => cell(one, short))]);
  const head = ["", ...stacks.map(({ stack }) => code(stack, { inTable: true }))];
  return [
    ...stacks.map((one) => `${verdict(one)}  `),
    "",
    row(head),
    row(head.map(() => "---")),
    ...rows.map(row),
    ...stacks.flatMap((one) => remarks(one, short)),
  ].join("\n");
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** The one line that says whether there is anything to look at. */
function verdict(one: StackChanges): string {
  const stack = code(one.stack);
  if (one.outcome === "absent") {
    return `⛔ ${stack}: **no preview**, pulumi failed before it`;
  }
  if (one.outcome === "failed") {
    return `⛔ ${stack}: **refused**, an update would not be made`;
  }
  if (one.unreachable.length > 0) {
    return `❓ ${stack}: **the cluster could not be reached**, so this is not the whole truth`;
  }
  if (one.losses.length > 0) {
    return `🗑️ ${stack}: **data would go**`;
  }
  if (one.restarts.length > 0) {
    return `🔄 ${stack}: **servers would be restarted**`;
  }
  if (one.changes.length === 0) {
    return (one.drift ?? []).length === 0
      ? `✅ ${stack}: no changes`
      : `✏️ ${stack}: drift that the code says by now`;
  }
  return (one.drift ?? []).some(({ isDeclared }) => !isDeclared)
    ? `✏️ ${stack}: changes, drift among them`
    : `✏️ ${stack}: changes`;
}

interface Aspect {
  readonly title: string;
  readonly cell: (one: StackChanges, short: Shortness) => string;
}

const ASPECTS: readonly Aspect[] = [
  { title: "Changes", cell: changesCell },
  { title: "Restarted", cell: ({ restarts }, short) => names(restarts, short) },
  { title: "Reloaded", cell: ({ reloads }, short) => names(reloads, short) },
  { title: "Data that goes", cell: ({ losses }, short) => names(abouts(losses), short) },
  { title: "Refused", cell: refusedCell },
  { title: "Drift found", cell: driftCell },
  { title: "Not reached", cell: unreachableCell },
];

const OPERATIONS: readonly Operation[] = ["create", "update", "replace", "delete"];

function changesCell({ outcome, changes, unchanged }: StackChanges, short: Shortness): string {
  if (outcome === "absent") {
    return "unknown";
  }
  const parts = OPERATIONS.flatMap((operation) => {
    const own = changes.filter((change) => change.operation === operation);
    return own.length === 0
      ? []
      : [
          `**${own.length} to ${operation}**: ${names(
            own.map(({ name }) => name),
            short,
          )}`,
        ];
  });
  return [...(parts.length === 0 ? [NONE] : parts), `${unchanged} unchanged`].join("<br>");
}

function refusedCell({ outcome, refusals }: StackChanges, short: Shortness): string {
  if (refusals.length === 0) {
    return NONE;
  }
  const about = names(abouts(refusals), short);
  return outcome === "absent" || about === NONE ? "yes, see below" : `${about}, see below`;
}

function driftCell({ outcome, drift, changes }: StackChanges, short: Shortness): string {
  if (outcome === "absent") {
    return "unknown";
  }
  if (drift === undefined) {
    return changes.length === 0 ? NONE : "among the changes: no state was given to tell it apart";
  }
  const parts = DRIFTS.flatMap(({ title, isIt }) => {
    const own = drift.filter(isIt).map(({ name }) => name);
    return own.length === 0 ? [] : [`${title}: ${names(own, short)}`];
  });
  return parts.length === 0 ? NONE : parts.join("<br>");
}

const DRIFTS: readonly { readonly title: string; readonly isIt: (drift: Drift) => boolean }[] = [
  { title: "gone", isIt: ({ properties }) => properties === "gone" },
  {
    title: "changed",
    isIt: ({ properties, isDeclared }) => properties !== "gone" && !isDeclared,
  },
  { title: "as declared by now", isIt: ({ isDeclared }) => isDeclared },
];

function unreachableCell({ unreachable }: StackChanges): string {
  const assets = unreachable.reduce((sum, one) => sum + one.assets, 0);
  return assets === 0 ? NONE : `**${counted(assets, "resource")}**, see below`;
}

function abouts(all: readonly Remark[]): string[] {
  return [...new Set(all.flatMap(({ about }) => (about === undefined ? [] : [about])))];
}

function names(all: readonly string[], { names: most, characters }: Shortness): string {
  const longest = Math.min(80, characters);
  const shown = all.slice(0, most).map((name) => code(name, { longest, inTable: true }));
  const more = all.length - shown.length;
  return all.length === 0 ? NONE : [...shown, ...(more > 0 ? [`${more} more`] : [])].join(", ");
}

/** What was said, in the words of whoever said it. */
function remarks(one: StackChanges, short: Shortness): string[] {
  const unreachable = one.unreachable.map(({ reason, assets }) => ({
    about: counted(assets, "resource"),
    text: reason,
  }));
  const groups: readonly (readonly [string, readonly Remark[]])[] = [
    ["refused", one.refusals],
    ["data that goes", one.losses],
    ["not reached", unreachable],
    ["to know", one.warnings],
  ];
  return groups.flatMap(([title, all]) => {
    if (all.length === 0) {
      return [];
    }
    const shown = all.slice(0, short.remarks);
    const more = all.length - shown.length;
    const lines = shown.flatMap(({ about, text }) => remarkLines(about, text, short));
    return [
      "",
      `**${code(one.stack)}, ${title}:**`,
      "",
      fenced([...lines, ...(more > 0 ? [`... and ${more} more`] : [])], "text"),
    ];
  });
}

function remarkLines(about: string | undefined, text: string, { characters }: Shortness): string[] {
  const all = withoutLogins(about === undefined ? text : `${about}: ${text}`);
  const cut = all.length > characters ? `${all.slice(0, characters - 1)}…` : all;
  return cut.split("\n");
}
