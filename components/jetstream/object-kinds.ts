import { type Canonical, type Kind, type Parsed, type Part, sortKeys, UNKNOWN } from "./kinds";
import { type Problem, problem } from "./problems";

/** An object of parts. One that says nothing is the same as none. */
export function object(title: string, parts: readonly Part[]): Kind {
  return {
    title,
    parts,
    parse: (path, value) => parseObject(path, value, parts),
    toWire: (value) => {
      const given = value as Readonly<Record<string, Canonical>>;
      return Object.fromEntries(
        parts.flatMap(({ name, wire, kind }) => {
          const part = given[name];
          const spoken = part === undefined ? undefined : kind.toWire(part);
          return spoken === undefined ? [] : [[wire, spoken]];
        }),
      );
    },
    fromWire: (wire) => {
      const spoken = (wire ?? {}) as Readonly<Record<string, unknown>>;
      const found = parts.flatMap(({ name, wire: key, kind, fallback }) => {
        const part = spoken[key] === undefined ? undefined : kind.fromWire(spoken[key]);
        return saysNothing(part, fallback) ? [] : [[name, part as Canonical] as const];
      });
      return found.length === 0 ? undefined : sortKeys(Object.fromEntries(found));
    },
  };
}

/** A list of objects in which order means nothing. */
export function objects(item: Kind): Kind {
  return {
    title: `list of ${item.title}`,
    ...(item.parts === undefined ? {} : { parts: item.parts }),
    parse: (path, value) => {
      if (value === UNKNOWN) {
        return { value, problems: [] };
      }
      if (!Array.isArray(value)) {
        return { problems: [problem(path, value, "it must be a list", "use [{ ... }]")] };
      }
      const parsed = value.map((entry, index) => item.parse(`${path}[${index}]`, entry));
      const problems = parsed.flatMap((entry) => entry.problems);
      return problems.length > 0 || value.length === 0
        ? { problems }
        : { value: inOrder(parsed.flatMap((entry) => entry.value ?? [])), problems };
    },
    toWire: (value) =>
      Array.isArray(value) && value.length > 0 ? value.map(item.toWire) : undefined,
    fromWire: (wire) =>
      Array.isArray(wire) && wire.length > 0
        ? inOrder(wire.flatMap((entry) => item.fromWire(entry) ?? []))
        : undefined,
  };
}

function parseObject(path: string, value: unknown, parts: readonly Part[]): Parsed {
  if (value === UNKNOWN) {
    return { value, problems: [] };
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    const names = parts.map((part) => part.name).join(", ");
    return {
      problems: [problem(path, value, "it must be an object", `use an object of ${names}`)],
    };
  }
  const given = value as Readonly<Record<string, unknown>>;
  const problems: Problem[] = [];
  const found: Record<string, Canonical> = {};
  for (const key of Object.keys(given).filter((name) => !parts.some((p) => p.name === name))) {
    const names = parts.map((part) => `'${part.name}'`).join(", ");
    problems.push(problem(`${path}.${key}`, given[key], "no such property", `use ${names}`));
  }
  for (const { name, kind, required, fallback } of parts) {
    if (given[name] === undefined || given[name] === null) {
      if (required) {
        problems.push(problem(`${path}.${name}`, undefined, "it is required", "set it"));
      }
      continue;
    }
    const parsed = kind.parse(`${path}.${name}`, given[name]);
    problems.push(...parsed.problems);
    if (!saysNothing(parsed.value, fallback)) {
      found[name] = parsed.value as Canonical;
    }
  }
  if (problems.length > 0) {
    return { problems };
  }
  return Object.keys(found).length === 0 ? { problems } : { value: sortKeys(found), problems };
}

function saysNothing(value: Canonical | undefined, fallback: Canonical | undefined): boolean {
  return (
    value === undefined ||
    value === "" ||
    value === false ||
    (Array.isArray(value) && value.length === 0) ||
    value === fallback
  );
}

function inOrder(items: readonly Canonical[]): Canonical[] {
  return [...items].sort((left, right) => {
    const [a, b] = [JSON.stringify(left), JSON.stringify(right)];
    return a < b ? -1 : a > b ? 1 : 0;
  });
}
