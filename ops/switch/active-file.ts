import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Active, ActiveStore } from "./active";

/** The active colour of this machine, in `.local/active.json` of the program's folder. */
export function activeFile(root: string): ActiveStore {
  const path = join(root, ".local", "active.json");
  return {
    read: async () =>
      existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Active) : undefined,
    write: async (active) => {
      mkdirSync(join(root, ".local"), { recursive: true, mode: 0o700 });
      const next = `${path}.${process.pid}`;
      writeFileSync(next, `${JSON.stringify(active, undefined, 2)}\n`, { mode: 0o600 });
      renameSync(next, path);
    },
  };
}
