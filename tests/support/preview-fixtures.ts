import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { type PreviewDocument, parsePreview, parseState } from "../../ops/preview/preview-document";
import { type StackChanges, stackChanges } from "../../ops/preview/stack-changes";

const FOLDER = resolve(__dirname, "../fixtures/previews");

/** A real preview of a local colour, as capture-previews.ts took it. */
export function previewText(name: string): string {
  return gunzipSync(readFileSync(join(FOLDER, `${name}.json.gz`))).toString("utf8");
}

export function previewDocument(name: string): PreviewDocument {
  const document = parsePreview(previewText(name), name);
  if (document === undefined) {
    throw new Error(`${name} is empty`);
  }
  return document;
}

/** What a real preview says, with the state before it. */
export function changesOf(name: string): StackChanges {
  return stackChanges("blue", previewDocument(name), {
    last: parseState(previewText("state"), ""),
  });
}
