import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";

const NAMES = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"];
const ALWAYS = /^[^#\n]*\brefresh["']?\s*:\s*["']?always\b/m;

let isSaid = false;

/**
 * Says once in a preview that drift stays out of sight, where the project does not have Pulumi read
 * what lives before each preview: such a preview compares with the state of the last update, and its
 * "unchanged" says nothing of the servers.
 */
export function noteHiddenDrift(): void {
  if (isSaid || !pulumi.runtime.isDryRun()) {
    return;
  }
  isSaid = true;
  const note = refreshNote(projectFile(process.cwd()));
  if (note !== undefined) {
    void pulumi.log.warn(note);
  }
}

/**
 * What to say of a project file.
 *
 * @param text - `undefined` where there is none, as for a program inside of another one
 */
export function refreshNote(text: string | undefined): string | undefined {
  return text === undefined || ALWAYS.test(text)
    ? undefined
    : "Pulumi.yaml does not say `options: { refresh: always }`: a plain preview compares streams and buckets with the last update, and does not show what somebody has changed on the servers since. Add it, or preview with --refresh.";
}

/** The nearest project file: Pulumi runs a program in its folder, or in one below it (`main`). */
function projectFile(folder: string): string | undefined {
  for (const name of NAMES) {
    try {
      return readFileSync(join(folder, name), "utf8");
    } catch {
      // Not here.
    }
  }
  const above = dirname(folder);
  return above === folder ? undefined : projectFile(above);
}
