import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./cache";
import { goBuild } from "./go-build";
import { onceIn } from "./once";
import { ACTIONLINT_VERSION } from "./versions";
import { firstThatWorks } from "./ways";

/** Has actionlint on this machine, which reads workflows as GitHub does, and returns where it is. */
export async function ensureActionlint(): Promise<string> {
  const version = ACTIONLINT_VERSION;
  const folder = cacheFolder("actionlint", version);
  const target = join(folder, "actionlint");
  if (existsSync(target)) {
    return target;
  }
  await onceIn(folder, `actionlint ${version}`, async () => {
    if (!existsSync(target)) {
      const program = {
        module: "github.com/rhysd/actionlint",
        package: "/cmd/actionlint",
        version,
      };
      await firstThatWorks(
        `actionlint ${version}`,
        [{ title: "building it with Go", attempt: () => goBuild(program, target) }],
        `Reach a Go module proxy (with Go installed), or put it at ${target}.`,
      );
    }
  });
  return target;
}
