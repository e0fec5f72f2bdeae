import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { goBuild } from "./go-build";
import { onceIn } from "./once";
import { NATS_CLI_VERSION } from "./versions";
import { firstThatWorks } from "./ways";

/** Where the `nats` command line is kept that backups are exchanged with in tests. */
export function natsCliProgram(): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(cache, "tfdc-nats", "nats-cli", NATS_CLI_VERSION, "nats");
}

/** Has the `nats` command line on this machine, and returns where it is. */
export async function ensureNatsCli(): Promise<string> {
  const target = natsCliProgram();
  if (existsSync(target)) {
    return target;
  }
  const version = NATS_CLI_VERSION;
  await onceIn(dirname(target), `the nats command line ${version}`, async () => {
    if (!existsSync(target)) {
      const program = { module: "github.com/nats-io/natscli", package: "/nats", version };
      await firstThatWorks(
        `the nats command line ${version}`,
        [{ title: "building it with Go", attempt: () => goBuild(program, target) }],
        `Reach a Go module proxy (with Go installed), or put it at ${target}.`,
      );
    }
  });
  return target;
}
