/**
 * Keeps one Kubernetes, as a process of its own: it serves the storage class as long as the test
 * run lives, and clears everything away when that ends, however it ends: its standard input is a
 * pipe whose other end only the test run holds.
 *
 * `node --import tsx keeper.ts <folder> <kubeconfig>`
 */
import { join } from "node:path";
import { KubernetesApi } from "./api";
import { clean } from "./clean";
import { loadKubeconfig } from "./control-plane";
import { instanceIn } from "./instance";
import { VolumeDriver } from "./volumes";

const INTERVAL = 300;
const [folder = "", kubeconfig = ""] = process.argv.slice(2);
let isEnding = false;

// The terminal signals everybody at once; what ends this process is the end of its owner.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => undefined);
}
process.stdin.resume();
process.stdin.once("close", () => {
  isEnding = true;
  clean(instanceIn(folder));
  process.exit(0);
});

async function serve(): Promise<void> {
  let driver: VolumeDriver | undefined;
  while (!isEnding) {
    try {
      driver ??= new VolumeDriver(
        new KubernetesApi(loadKubeconfig(kubeconfig)),
        join(folder, "volumes"),
      );
      await driver.tend();
    } catch (error) {
      // The API server is not there yet, or another one was quicker: the next round will tell.
      process.stderr.write(`${(error as Error).message}\n`);
    }
    await new Promise((resolve) => setTimeout(resolve, INTERVAL));
  }
}

void serve();
