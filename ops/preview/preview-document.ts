import { UsageError } from "../usage-error";

/** Properties of a resource, as the engine writes them. */
export type Properties = Readonly<Record<string, unknown>>;

/** One side of a step. */
export interface StepState {
  readonly type: string;
  readonly inputs?: Properties;
  readonly outputs?: Properties;
}

/** What the engine would do with one resource, or has read of it. */
export interface PreviewStep {
  readonly op: string;
  readonly urn: string;
  readonly oldState?: StepState;
  readonly newState?: StepState;
  readonly detailedDiff?: Readonly<Record<string, { readonly kind: string }>> | null;
}

/** What was said while the preview ran. */
export interface Diagnostic {
  readonly urn?: string;
  readonly message?: string;
  readonly severity?: string;
}

/** What `pulumi preview --json` prints, as far as it is used. */
export interface PreviewDocument {
  readonly steps: readonly PreviewStep[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The inputs of each resource as the last update left them, by URN. */
export type LastInputs = ReadonlyMap<string, Properties>;

/** Something that was said of a resource, or of the whole stack. */
export interface Remark {
  /** Name of the resource; none for the stack. */
  readonly about: string | undefined;
  readonly text: string;
}

/** A URN ends in the type, with those of its parents before it, and the name. */
export function nameAndType(urn: string): { name: string; type: string } {
  const [, , types = "", ...name] = urn.split("::");
  return { name: name.join("::") || urn, type: types.split("$").at(-1) ?? types };
}

/**
 * Reads what `pulumi preview --json` printed. Nothing at all is what it prints where it fails before
 * the program runs: an unreadable configuration, a backend that is away.
 *
 * @param where - what the text is, as an error names it
 */
export function parsePreview(text: string, where: string): PreviewDocument | undefined {
  if (text.trim() === "") {
    return undefined;
  }
  const document = parseObject(text, where, "pulumi preview --json");
  const { steps, diagnostics } = document;
  if (!isListOfObjects(steps ?? []) || !isListOfObjects(diagnostics ?? [])) {
    throw new UsageError(
      `${where} is JSON, but not what pulumi preview --json prints: its steps are no list.`,
    );
  }
  if (steps === undefined && diagnostics === undefined && !("changeSummary" in document)) {
    throw new UsageError(
      `${where} is JSON, but not what pulumi preview --json prints: it has neither steps nor diagnostics.`,
    );
  }
  return {
    steps: (steps ?? []) as PreviewStep[],
    diagnostics: (diagnostics ?? []) as Diagnostic[],
  };
}

/** Reads what `pulumi stack export` printed. */
export function parseState(text: string, where: string): LastInputs {
  const { deployment } = parseObject(text, where, "pulumi stack export") as {
    deployment?: { resources?: { urn?: string; inputs?: Properties }[] } | null;
  };
  if (deployment === undefined || deployment === null) {
    throw new UsageError(
      `${where} is JSON, but not what pulumi stack export prints: no deployment.`,
    );
  }
  return new Map(
    (deployment.resources ?? []).map(({ urn = "", inputs = {} }) => [urn, inputs] as const),
  );
}

function parseObject(text: string, where: string, command: string): Properties {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Properties;
    }
    throw new Error("it is no object");
  } catch (error) {
    throw new UsageError(
      `${where} is not what ${command} prints: ${(error as Error).message}; write its standard output, and nothing else, to the file.`,
    );
  }
}

function isListOfObjects(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === "object" && one !== null);
}
