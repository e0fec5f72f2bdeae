import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Compiles the decoder of S2 blocks into the module that holds it: `npm run compile:s2`. */

const FOLDER = resolve(__dirname, "../components/backup/archive");
const COMPILER = require.resolve("assemblyscript/bin/asc.js");
const OPTIONS = ["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd"];

/** The decoder as WebAssembly, from its source. */
export function compiledDecoder(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "tfdc-s2-"));
  try {
    const out = join(folder, "s2.wasm");
    const words = [COMPILER, "s2-decode.as.ts", ...OPTIONS, "--outFile", out];
    execFileSync(process.execPath, words, { cwd: FOLDER });
    return readFileSync(out);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function main(): void {
  const lines = [
    "/** s2-decode.as.ts as WebAssembly, compiled with: npm run compile:s2 */",
    "export const S2_PROGRAM =",
    `  "${compiledDecoder().toString("base64")}";`,
  ];
  writeFileSync(join(FOLDER, "s2-program.ts"), `${lines.join("\n")}\n`);
}

if (require.main === module) {
  main();
}
