/**
 * One thing that is wrong with an input. The same list of problems becomes property errors of a
 * component, check failures of a provider, and lines of a command, so a rule is written once.
 */
export interface Problem {
  /** Path of the property as the user wrote it, such as `streams["metrics.v1"].maxBytes`. */
  readonly property: string;
  /** What is wrong, the rule that it breaks, and what to do: one sentence. */
  readonly reason: string;
}

/**
 * States a problem in the one form that every message of this package has:
 * `'replicas' is 2: a JetStream cluster needs an odd number of servers; use 3`.
 *
 * @param property - path of the property
 * @param value - the value the user gave; strings are shown in quotes
 * @param rule - why it cannot be
 * @param remedy - what to write instead
 */
export function problem(property: string, value: unknown, rule: string, remedy: string): Problem {
  return { property, reason: `'${property}' is ${show(value)}: ${rule}; ${remedy}` };
}

/** A value as it is quoted in a message: short, on one line. */
export function show(value: unknown): string {
  if (value === undefined) {
    return "not set";
  }
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/** The same problems, as properties of something larger: `maxBytes` → `streams["a"].maxBytes`. */
export function within(parent: string, problems: readonly Problem[]): Problem[] {
  return problems.map(({ property, reason }) => {
    const path = property.startsWith("[") ? `${parent}${property}` : `${parent}.${property}`;
    return { property: path, reason: reason.replace(`'${property}'`, `'${path}'`) };
  });
}
