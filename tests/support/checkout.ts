import { execFileSync } from "node:child_process";
import { cpSync, existsSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");

/** Copies what a clone of this checkout has into a folder, changes that are not committed included. */
export function checkOut(folder: string): void {
  const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  // A file that is deleted and not committed yet is listed as well.
  const present = files
    .trim()
    .split("\n")
    .filter((name) => existsSync(join(ROOT, name)));
  for (const file of present) {
    cpSync(join(ROOT, file), join(folder, file), { recursive: true });
  }
}

/** Has in a copy what `npm ci` would install and build there. */
export function linkInstalled(folder: string): void {
  for (const name of ["node_modules", "components/dist", "ops/dist"]) {
    symlinkSync(join(ROOT, name), join(folder, name));
  }
}
