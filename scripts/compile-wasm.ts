import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Compiles what reads archives into the modules that hold it: `npm run compile:wasm`. */

const FOLDER = resolve(__dirname, "../components/backup/archive");
const COMPILER = require.resolve("assemblyscript/bin/asc.js");
const OPTIONS = ["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd"];

/** The programs: their sources, the modules that hold them, and their names there. */
const PROGRAMS = {
  "s2-decode.as.ts": ["s2-program.ts", "S2_PROGRAM"],
  "records.as.ts": ["records-program.ts", "RECORDS_PROGRAM"],
} as const;

/** A program as WebAssembly in base64, from its source. */
export function compiled(source: keyof typeof PROGRAMS): string {
  const folder = mkdtempSync(join(tmpdir(), "tfdc-wasm-"));
  try {
    const out = join(folder, "program.wasm");
    execFileSync(process.execPath, [COMPILER, source, ...OPTIONS, "--outFile", out], {
      cwd: FOLDER,
    });
    return readFileSync(out).toString("base64");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function main(): void {
  for (const source of Object.keys(PROGRAMS) as (keyof typeof PROGRAMS)[]) {
    const [module, name] = PROGRAMS[source];
    const lines = [
      `/** ${source} as WebAssembly, compiled with: npm run compile:wasm */`,
      `export const ${name} =`,
      `  "${compiled(source)}";`,
    ];
    writeFileSync(join(FOLDER, module), `${lines.join("\n")}\n`);
  }
}

if (require.main === module) {
  main();
}
