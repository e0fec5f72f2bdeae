/** A value of nats.conf: plain data, written so that nothing in it can end it early. */
export type ConfValue = string | number | boolean | Raw | readonly ConfValue[] | ConfMap;

/** A block of nats.conf, in the order of its keys. */
export interface ConfMap {
  readonly [key: string]: ConfValue | undefined;
}

/** A value that the parser must read as it stands, such as a size (`80GB`) or a `$VARIABLE`. */
export class Raw {
  constructor(readonly text: string) {}
}

/** Writes a block's content, one key a line. */
export function writeConf(map: ConfMap, indent = ""): string {
  return Object.entries(map)
    .flatMap(([key, value]) =>
      value === undefined ? [] : [`${indent}${key}${writeValue(value, indent)}\n`],
    )
    .join("");
}

function writeValue(value: ConfValue, indent: string): string {
  if (value instanceof Raw || typeof value !== "object") {
    return `: ${writeScalar(value)}`;
  }
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    return value.length === 0
      ? ": []"
      : `: [\n${value.map((item) => `${inner}${writeItem(item, inner)}\n`).join("")}${indent}]`;
  }
  return ` {\n${writeConf(value as ConfMap, inner)}${indent}}`;
}

function writeItem(item: ConfValue, indent: string): string {
  return item instanceof Raw || typeof item !== "object"
    ? writeScalar(item)
    : `{\n${writeConf(item as ConfMap, `${indent}  `)}${indent}}`;
}

function writeScalar(value: string | number | boolean | Raw): string {
  if (value instanceof Raw) {
    return value.text;
  }
  return typeof value === "string" ? quote(value) : String(value);
}

/**
 * A text as nats.conf reads it back unchanged. Inside double quotes the parser knows no variables
 * and no comments, and these escapes only.
 */
export function quote(text: string): string {
  const escaped = text.replace(/[\\"\n\r\t]/g, (character) => ESCAPES[character] ?? character);
  return `"${escaped}"`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};
