import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";

/** How long a log is now: the mark from which to read what comes next. */
export function logLength(log: string): number {
  try {
    return statSync(log).size;
  } catch {
    return 0;
  }
}

/** What has been written since; a log that has become shorter was begun anew. */
export function logSince(log: string, mark: number): string {
  let file: number;
  try {
    file = openSync(log, "r");
  } catch {
    return "";
  }
  try {
    const { size } = fstatSync(file);
    const start = size < mark ? 0 : mark;
    const content = Buffer.alloc(size - start);
    readSync(file, content, 0, content.length, start);
    return content.toString("utf8");
  } finally {
    closeSync(file);
  }
}

/** The last line that tells of trouble, or the last line at all, without pid and time. */
export function lastWords(log: string, since: number): string {
  const lines = logSince(log, since).trim().split("\n");
  const line = lines.findLast((one) => /\[(FTL|ERR)\]|error/i.test(one)) ?? lines.at(-1) ?? "";
  return line.replace(/^\[\d+\] \S+ \S+ \[\w+\] /, "").trim();
}

/** Why a server did not load its configuration, in its own words; `undefined` where it did not say. */
export function refusalSince(log: string, mark: number): string | undefined {
  return /Failed to reload server configuration: (.*)/.exec(logSince(log, mark))?.[1];
}
