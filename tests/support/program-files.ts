import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");
const PROGRAM = [
  "Pulumi.yaml",
  "program.js",
  "index.ts",
  "monitoring.ts",
  "stack-config.ts",
  "topology.ts",
];

/** The project's own program, for a folder of a test's own: texts of files, by name. */
export function programFiles(): Record<string, string> {
  return {
    ...Object.fromEntries(PROGRAM.map((name) => [name, readFileSync(join(ROOT, name), "utf8")])),
    "tsconfig.json": readFileSync(join(ROOT, "tsconfig.json"), "utf8").replace(
      "./tsconfig.base.json",
      join(ROOT, "tsconfig.base.json"),
    ),
    "package.json": '{ "name": "tfdc-nats", "version": "0.1.0" }\n',
  };
}
