import { oneLine } from "./markdown";
import type { PropertyChange } from "./property-diff";
import { withoutSecrets } from "./redact";
import type { Drift, Operation, ResourceChange, StackChanges } from "./stack-changes";

const LONGEST_VALUE = 300;
const LONGEST_NAME = 120;

const SIGNS: Readonly<Record<Operation, string>> = {
  create: "+",
  update: "!",
  replace: "-",
  delete: "-",
};

const ORIGINS: Readonly<Record<PropertyChange["origin"], string>> = {
  edit: "",
  unknown: "",
  drift: "   # drift: put back",
  both: "   # drift, and edited in the code",
};

/** Everything that a preview says of a stack's resources, property by property, as lines of a diff. */
export function diffLines({ changes, drift = [] }: StackChanges): string[] {
  const silent = drift.filter(({ isDeclared }) => isDeclared);
  return [
    ...changes.flatMap(changeLines),
    ...(silent.length === 0
      ? []
      : ["", "# changed behind Pulumi's back to what the code says by now:"]),
    ...silent.flatMap(driftLines),
  ];
}

function changeLines({ name, type, operation, properties }: ResourceChange): string[] {
  return [
    `${SIGNS[operation]} ${operation} ${nameOf(name)} (${nameOf(type)})`,
    ...properties.map((one) => `${propertyLine(one, type)}${ORIGINS[one.origin]}`),
  ];
}

function driftLines({ name, type, properties }: Drift): string[] {
  return [
    `# ${nameOf(name)} (${nameOf(type)})`,
    ...(properties === "gone" ? [] : properties.map((one) => propertyLine(one, type))),
  ];
}

function propertyLine({ path, before, after }: PropertyChange, type: string): string {
  const text = (value: unknown) =>
    oneLine(JSON.stringify(withoutSecrets(value, path, type)) ?? "", LONGEST_VALUE);
  const name = oneLine(path, LONGEST_NAME);
  if (before === undefined) {
    return `+   ${name}: ${text(after)}`;
  }
  return after === undefined
    ? `-   ${name}: ${text(before)}`
    : `!   ${name}: ${text(before)} => ${text(after)}`;
}

function nameOf(text: string): string {
  return oneLine(text, LONGEST_NAME);
}
