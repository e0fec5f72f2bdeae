import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../local/paths";
import { mustRun } from "../toolchain/processes";

const PAGE = "README.md";

/** Where the reference of the package's arguments and resources is kept. */
export const API_PAGE = join(ROOT, "docs", "api", PAGE);

/** Writes the reference, from the doc comments of what the package exports, and returns its text. */
export async function writeApiReference(folder: string): Promise<string> {
  const typedoc = join(ROOT, "node_modules", "typedoc", "bin", "typedoc");
  const options = join(ROOT, "components", "typedoc.json");
  await mustRun(process.execPath, [typedoc, "--options", options, "--out", folder]);
  return readFileSync(join(folder, PAGE), "utf8");
}
