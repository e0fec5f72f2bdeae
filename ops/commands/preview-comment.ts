import { readFileSync } from "node:fs";
import { EXIT } from "../exit-codes";
import { previewComment } from "../preview/comment";
import { parsePreview, parseState } from "../preview/preview-document";
import { stackChanges } from "../preview/stack-changes";
import { print } from "../terminal/print";
import { UsageError } from "../usage-error";
import { defineCommand } from "./command";

export const previewCommentCommand = defineCommand({
  command: "preview-comment <previews..>",
  describe: "One Markdown comment from what pulumi preview --json printed of one or several stacks",
  examples: [
    ["preview-comment blue=blue.json green=green.json", "for a pull request"],
    ["preview-comment blue=blue.json --state blue=blue-state.json", "with drift told from edits"],
    ["preview-comment blue=blue.json --marker drift --title 'Drift'", "for the issue of a night"],
  ],
  options: (command) =>
    command
      .positional("previews", {
        array: true,
        type: "string",
        demandOption: true,
        describe: "stack=file with the output of pulumi preview --json",
      })
      .options({
        state: {
          type: "string",
          array: true,
          describe: "stack=file with the output of pulumi stack export, to tell drift from edits",
        },
        log: {
          type: "string",
          array: true,
          describe: "stack=file with what pulumi preview printed on its standard error",
        },
        marker: {
          type: "string",
          default: "pull-request",
          describe: "tells this comment from others, to update it in place",
        },
        title: { type: "string", describe: "heading of the comment" },
        "exit-code": {
          type: "boolean",
          describe: "end with 1 where anything is changed, refused or not reached",
        },
      }),
  run: async ({ previews, state, log, marker, title, exitCode }) => {
    if (!/^[\w-]+$/.test(marker)) {
      throw new UsageError(`'${marker}' is no marker: use letters, digits, - and _ only.`);
    }
    const files = filesByStack(previews);
    const states = filesByStack(state ?? []);
    const logs = filesByStack(log ?? []);
    for (const stack of [...states.keys(), ...logs.keys()]) {
      if (!files.has(stack)) {
        throw new UsageError(`no preview is named for '${stack}': add ${stack}=<file>.`);
      }
    }
    const stacks = [...files].map(([stack, file]) => {
      const [stateFile, logFile] = [states.get(stack), logs.get(stack)];
      return stackChanges(stack, parsePreview(read(file), file), {
        ...(stateFile === undefined ? {} : { last: parseState(read(stateFile), stateFile) }),
        ...(logFile === undefined ? {} : { log: read(logFile) }),
      });
    });
    const names = [...files.keys()].join(" and ");
    print(previewComment(stacks, { marker, title: title ?? `Preview of ${names}` }));
    const isQuiet = stacks.every(
      ({ outcome, changes, drift = [], unreachable }) =>
        outcome === "judged" && changes.length + drift.length + unreachable.length === 0,
    );
    return exitCode === true && !isQuiet ? EXIT.problem : EXIT.good;
  },
});

function filesByStack(words: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const word of words) {
    const [, stack, file] = /^([\w.\-/]+)=(.+)$/.exec(word) ?? [];
    if (stack === undefined || file === undefined) {
      throw new UsageError(`'${word}' names no stack and file: write it as blue=blue.json.`);
    }
    if (found.has(stack)) {
      throw new UsageError(`'${stack}' is named twice; name each stack once.`);
    }
    found.set(stack, file);
  }
  return found;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}.`);
  }
}
