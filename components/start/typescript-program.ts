import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { basename, dirname, join, sep } from "node:path";
import type typescript from "typescript";
import { cacheFolder } from "./compiled-code";
import { projectPackages } from "./project-packages";

/** A module of Node's loader that is being filled; the method is not documented. */
interface Filled extends NodeJS.Module {
  _compile: (text: string, filename: string) => void;
}

type Extensions = Record<string, (module: Filled, path: string) => void>;

const EXTENSION = ".ts";

/**
 * Runs a program in TypeScript, and returns what it exports: what Pulumi does with `index.ts`, but
 * for two things. TypeScript is loaded only where a file has changed since it was last translated,
 * and types are not checked. The files are CommonJS; of tsconfig.json nothing is read.
 *
 * @param path - full path of the program, `require.resolve("./index.ts")`
 */
export function typeScriptProgram(path: string): unknown {
  const extensions = (Module as unknown as { _extensions: Extensions })._extensions;
  const previous = extensions[EXTENSION];
  const folder = cacheFolder(projectPackages());
  extensions[EXTENSION] = (module, file) => {
    if (previous !== undefined && file.includes(`${sep}node_modules${sep}`)) {
      previous(module, file);
      return;
    }
    const { text, filename } = translated(file, folder);
    module._compile(text, filename);
  };
  return createRequire(path)(path);
}

/**
 * A file as JavaScript, and the name that it runs under: that of its copy, in which Pulumi finds
 * what leads from a line of it back to the line in the source.
 */
function translated(file: string, folder: string | undefined): { text: string; filename: string } {
  const source = readFileSync(file, "utf8");
  if (folder === undefined) {
    return { text: translate(file, source), filename: file };
  }
  const place = join(folder, "program");
  const filename = join(place, `${basename(file, EXTENSION)}-${hash(file)}.js`);
  const mark = `\n// of ${hash(source)}\n`;
  const kept = readIfThere(filename);
  if (kept?.endsWith(mark)) {
    return { text: kept, filename };
  }
  const text = translate(file, source) + mark;
  try {
    mkdirSync(place, { recursive: true });
    const aside = join(place, randomUUID());
    writeFileSync(aside, text);
    renameSync(aside, filename);
  } catch {
    // It is translated again the next time.
  }
  return { text, filename };
}

/** Types are taken away, and names of modules stay as they are written. */
function translate(file: string, source: string): string {
  const ts = createRequire(file)("typescript") as typeof typescript;
  const { outputText, diagnostics = [] } = ts.transpileModule(source, {
    fileName: file,
    reportDiagnostics: true,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.CommonJS,
      esModuleInterop: true,
      inlineSourceMap: true,
      sourceRoot: `${dirname(file)}/`,
    },
  });
  if (diagnostics.length > 0) {
    const host = {
      getCanonicalFileName: (name: string) => name,
      getCurrentDirectory: () => process.cwd(),
      getNewLine: () => "\n",
    };
    throw new SyntaxError(ts.formatDiagnostics(diagnostics, host).trim());
  }
  return outputText.replace('"use strict";', `"use strict"; ${itsOwnNames(file)}`);
}

/** It runs under another name, and shall not notice. */
function itsOwnNames(file: string): string {
  return `__filename = ${JSON.stringify(file)}; __dirname = ${JSON.stringify(dirname(file))};`;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
