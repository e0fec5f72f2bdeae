import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "./jetstream/problems";

/**
 * All that is wrong with the arguments of a resource, at once. In a program it is printed like a
 * resource's error, without a stack; behind a component provider it is a property error each.
 */
export class PropertyProblems extends pulumi.InputPropertiesError {
  // The marks by which Pulumi's runtime knows a ResourceError whose stack is of no use.
  readonly __pulumResourceError = true;
  readonly hideStack = true;

  constructor(
    what: string,
    problems: readonly Problem[],
    readonly resource: pulumi.Resource | undefined,
  ) {
    const count = problems.length === 1 ? "one problem" : `${problems.length} problems`;
    super({
      message: [`${what} has ${count}:`, ...problems.map(({ reason }) => `- ${reason}`)].join("\n"),
      errors: problems.map(({ property, reason }) => ({ propertyPath: property, reason })),
    });
    this.name = "PropertyProblems";
  }
}

/** Throws all problems at once, if there are any. */
export function refuseProblems(
  what: string,
  problems: readonly Problem[],
  resource?: pulumi.Resource,
): void {
  if (problems.length > 0) {
    throw new PropertyProblems(what, problems, resource);
  }
}
