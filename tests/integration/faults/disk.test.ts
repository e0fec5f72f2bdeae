import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lossOnKill } from "../../../components/jetstream/versions";
import { FaultBench } from "../../support/fault-bench";
import { faultVersions } from "../../support/fault-versions";

const FULL = 1;
const MEBIBYTE = 1 << 20;

describe("a disk that is full", function () {
  this.timeout(240_000);

  if (process.getuid?.() !== 0) {
    it("cannot be made here: mounting a small one takes root", () => {
      assert.fail("run this file as root: it mounts a tmpfs of 16 MiB as the store of a server");
    });
    return;
  }

  for (const version of faultVersions()) {
    describe(`under one of three servers ${version}`, () => {
      let bench: FaultBench;
      const filler = () => join(bench.cluster.store(FULL), "filler");

      before(async () => {
        bench = await FaultBench.make(10, {
          version,
          store: (index, folder) => {
            if (index !== FULL) {
              return undefined;
            }
            mkdirSync(folder, { recursive: true });
            execFileSync("mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", folder]);
            return () => execFileSync("umount", ["-l", folder]);
          },
        });
      });

      after(() => bench.remove());

      // F7
      it("ends the up in time with a reason, or is of no consequence to the others", async () => {
        const { bavail, bsize } = statfsSync(bench.cluster.store(FULL));
        writeFileSync(filler(), Buffer.alloc(bavail * bsize));
        const run = await bench.up();
        assert.ok(run.seconds < 90, `it took ${run.seconds} s`);
        if (run.code !== 0) {
          assert.match(run.stdout, /error: .*(stream|cluster) .+[:;,] .+/);
        }
        rmSync(filler());
        // A server that found its disk full has switched JetStream off: it takes a restart.
        await bench.cluster.kill(FULL);
        bench.cluster.startServer(FULL);
        await bench.cluster.settled(60_000);
        await bench.assertRecovers();
      });

      it("takes no acknowledged message with it", async () => {
        await bench.publish(3);
        const { bavail, bsize } = statfsSync(bench.cluster.store(FULL));
        writeFileSync(filler(), Buffer.alloc(Math.max(0, bavail * bsize - MEBIBYTE)));
        bench.declare({ description: "written with a full disk" });
        await bench.up();
        rmSync(filler());
        if (lossOnKill(version) !== undefined) {
          // nats-server#7540: such a server forgets what it has not saved, whatever its disk.
          await bench.metaSaved(FULL);
        }
        await bench.cluster.kill(FULL);
        bench.cluster.startServer(FULL);
        await bench.cluster.settled(60_000);
        await bench.assertRecovers();
      });
    });
  }
});
