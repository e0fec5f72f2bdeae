import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { LocalProgram } from "./local-program";
import { serverProgram } from "./test-cluster";

/**
 * Has one server of a colour end at once where it starts in a version, as one whose disk is gone
 * does; the check of its configuration is none the wiser. A store that is really broken would be so
 * for the older version too.
 */
export class FailingServer {
  private readonly mark: string;

  constructor(
    { project }: LocalProgram,
    version: string,
    others: readonly string[],
    server: string,
    words: string,
  ) {
    const cache = join(project.directory, "cache");
    this.mark = join(cache, "fails");
    for (const each of [version, ...others]) {
      const program = join(cache, "tfdc-nats", "nats-server", each, "nats-server");
      const fails =
        each === version
          ? `case "$*" in "-c "*/${server}/nats.conf) [ -e "${this.mark}" ] && echo "[1] 2026/01/01 00:00:00.000000 [FTL] ${words}" && exit 1;; esac\n`
          : "";
      mkdirSync(dirname(program), { recursive: true });
      writeFileSync(program, `#!/bin/sh\n${fails}exec "${serverProgram(each)}" "$@"\n`);
      chmodSync(program, 0o755);
    }
    writeFileSync(this.mark, "");
    project.env.XDG_CACHE_HOME = cache;
  }

  /** The cause is gone. */
  mend(): void {
    rmSync(this.mark);
  }
}
