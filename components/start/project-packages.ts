import { createRequire } from "node:module";
import { join } from "node:path";

/** Loads what the project of this process sees: Pulumi starts its processes in the project's folder. */
export function projectRequire(): NodeJS.Require {
  return createRequire(join(process.cwd(), "index.js"));
}

/** Folders of packages of the project, the nearest first. */
export function projectPackages(): readonly string[] {
  return projectRequire().resolve.paths("@pulumi/pulumi") ?? [];
}
