import { LOCAL_STACKS, type LocalStack } from "./paths";

/** Flags of pulumi that go before or after the command and take a value. */
const WITH_VALUE = ["-s", "--stack", "-C", "--cwd", "--color", "-v", "--verbose", "--config-file"];

/** The stack that pulumi's words name with `-s` or `--stack`; `undefined` where they name none. */
export function namedStack(words: readonly string[]): string | undefined {
  for (const [index, word] of words.entries()) {
    if (word === "--") {
      return undefined;
    }
    if (word === "-s" || word === "--stack") {
      return words[index + 1];
    }
    const [, joined] = /^(?:--stack=|-s=?)(.+)$/.exec(word) ?? [];
    if (joined !== undefined) {
      return joined;
    }
  }
  return undefined;
}

/** Pulumi's command among its words, wherever the flags stand: `config` of `-s blue config set`. */
export function commandOf(words: readonly string[]): string | undefined {
  return words.find(
    (word, index) => !word.startsWith("-") && !WITH_VALUE.includes(words[index - 1] ?? ""),
  );
}

/** The local stack of that name, with or without its organization and project. */
export function localStack(name: string | undefined): LocalStack | undefined {
  return LOCAL_STACKS.find((stack) => stack === name?.split("/").at(-1));
}
