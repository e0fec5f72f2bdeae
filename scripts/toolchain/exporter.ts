import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheFolder } from "./cache";
import { goBuild } from "./go-build";
import { onceIn } from "./once";
import { mustRun, versionOf } from "./processes";
import { EXPORTER_VERSION } from "./versions";
import { firstThatWorks } from "./ways";

const NAME = "prometheus-nats-exporter";

/** Has the exporter whose metrics the catalogue names, and returns where it is. */
export async function ensureExporter(): Promise<string> {
  if ((await versionOf(NAME, "-version")) === EXPORTER_VERSION) {
    return (await mustRun("sh", ["-c", `command -v ${NAME}`])).trim();
  }
  const target = join(cacheFolder(NAME, EXPORTER_VERSION), NAME);
  if (existsSync(target)) {
    return target;
  }
  await onceIn(dirname(target), `${NAME} ${EXPORTER_VERSION}`, async () => {
    if (!existsSync(target)) {
      await firstThatWorks(
        `${NAME} ${EXPORTER_VERSION}`,
        [{ title: "building it with Go", attempt: () => build(target) }],
        `Reach a Go module proxy (with Go installed), or put ${NAME} ${EXPORTER_VERSION} on the PATH.`,
      );
    }
  });
  return target;
}

function build(target: string): Promise<void> {
  const module = "github.com/nats-io/prometheus-nats-exporter";
  const ldflags = `-X main.version=${EXPORTER_VERSION}`;
  return goBuild({ module, package: "", version: EXPORTER_VERSION, ldflags }, target);
}
