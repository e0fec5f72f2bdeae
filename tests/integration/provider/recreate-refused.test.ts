import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { announce } from "../../../components/provider/at-work";
import { accounts, FaultBench } from "../../support/fault-bench";
import { faultVersions } from "../../support/fault-versions";
import { askJetStream } from "../../support/jetstream-request";

const DENIED = {
  saver: "$JS.API.STREAM.SNAPSHOT.>",
  restorer: "$JS.API.STREAM.RESTORE.>",
  receiver: "$JS.SNAPSHOT.ACK.>",
  sender: "$JS.SNAPSHOT.RESTORE.>",
  deleter: "$JS.API.STREAM.DELETE.>",
  announcer: "_TFDC.AT_WORK.>",
} as const;
const WHERE = "the stream 's0' of the NATS cluster at .+ is not recreated: ";
const MEBIBYTE = 1 << 20;

for (const version of faultVersions()) {
  describe(`a recreation on ${version} that cannot be made`, function () {
    this.timeout(240_000);
    let bench: FaultBench;
    let disk: string;
    const isRoot = process.getuid?.() === 0;

    before(async () => {
      bench = await FaultBench.make(1, { version, size: 1, extra: accounts(DENIED) });
      bench.redeclare("s0", { denyPurge: true, maxBytes: "64MiB" });
      const run = await bench.up();
      assert.equal(run.code, 0, run.stdout + run.stderr);
      await bench.publish(5);
      bench.redeclare("s0", { denyPurge: false, onRefusedChange: "backupAndRecreate" });
      disk = join(bench.project.directory, "disk");
      mkdirSync(disk);
      if (isRoot) {
        execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", disk]);
      }
    });

    afterEach(() => bench.connect({ user: "app" }));

    after(async () => {
      if (isRoot) {
        execFileSync("umount", ["-l", disk]);
      }
      await bench.remove();
    });

    /** Runs an up that ends with these words, and leaves the stream open, with its data. */
    async function assertRefused(words: RegExp, messages: number): Promise<void> {
      const { code, stdout } = await bench.up();
      assert.notEqual(code, 0, stdout);
      assert.match(stdout, words);
      assert.doesNotMatch(stdout, /\n\s+at .+:\d+:\d+/);
      const client = await bench.client();
      const { config, state } = await askJetStream<{
        config: { subjects: string[]; deny_purge: boolean };
        state: { messages: number };
      }>(client, "STREAM.INFO.s0");
      await client.close();
      assert.deepEqual(
        [config.subjects, config.deny_purge, state.messages],
        [["s0.>"], true, messages],
      );
    }

    const REFUSALS: readonly (readonly [user: keyof typeof DENIED, words: RegExp])[] = [
      [
        "saver",
        /refused a request on '\$JS\.API\.STREAM\.SNAPSHOT\.s0': ".*Permissions Violation.*"; allow the user of the connection to publish on '\$JS\.API\.STREAM\.SNAPSHOT\.s0'; a backup needs/,
      ],
      [
        "restorer",
        /refused a request on '\$JS\.API\.STREAM\.RESTORE\.s0': ".*Permissions Violation.*"; allow the user of the connection to publish on '\$JS\.API\.STREAM\.RESTORE\.s0'; a backup needs/,
      ],
      [
        "receiver",
        new RegExp(
          `${WHERE}the server refused a message on '\\$JS\\.SNAPSHOT\\.ACK\\.s0\\.try': ".*Permissions Violation.*"; allow the user of the connection to publish on '\\$JS\\.SNAPSHOT\\.ACK\\.>'\\. Nothing was changed\\.`,
        ),
      ],
      [
        "sender",
        new RegExp(
          `${WHERE}the server refused a message on '\\$JS\\.SNAPSHOT\\.RESTORE\\.s0\\.try': ".*Permissions Violation.*"; allow the user of the connection to publish on '\\$JS\\.SNAPSHOT\\.RESTORE\\.>'\\. Nothing was changed\\.`,
        ),
      ],
      [
        "deleter",
        new RegExp(
          `${WHERE}.* refused a request on '\\$JS\\.API\\.STREAM\\.DELETE\\.s0': ".*Permissions Violation.*"; allow the user of the connection to publish on '\\$JS\\.API\\.STREAM\\.DELETE\\.s0'\\. Nothing of it was deleted, and it takes messages as before\\.`,
        ),
      ],
      [
        "announcer",
        new RegExp(
          `${WHERE}its connection hears nothing of what it says on '_TFDC\\.AT_WORK\\..+', where a roll, a backup or a restore would be seen; allow its user to publish and to subscribe there\\. This run has changed nothing of it\\.`,
        ),
      ],
    ];

    for (const [user, words] of REFUSALS) {
      it(`leaves the stream as it was where ${DENIED[user]} is not allowed, and says so`, async () => {
        bench.connect({ user });
        await assertRefused(words, 5);
      });
    }

    it("leaves the stream as it was while something else is at work on the cluster", async () => {
      const elsewhere = await bench.client();
      await announce(elsewhere, { kind: "roll", what: "a roll of blue" });
      await assertRefused(
        new RegExp(
          `${WHERE}a roll of blue is under way \\(pid \\d+ on .+, since .+\\); run 'pulumi up' again when it has ended\\. This run has changed nothing of it\\.`,
        ),
        5,
      );
      await elsewhere.close();
    });

    if (!isRoot) {
      it("cannot be tried on a full disk here: mounting a small one takes root", () => {
        assert.fail("run this file as root: it mounts a tmpfs of 8 MiB for the backup");
      });
      return;
    }

    it("is refused where the disk of the backup has too little room for it", async () => {
      const client = await bench.client();
      for (let index = 0; index < 4; index++) {
        const piece = randomBytes(MEBIBYTE / 2);
        await client.request("s0.large", piece, { timeout: 10_000 });
      }
      await client.close();
      fill(MEBIBYTE);
      bench.redeclare("s0", { backupDirectory: disk });
      await assertRefused(
        /'backupDirectory' has .+ free, and the backup may take \d+B; make room, or use another folder/,
        9,
      );
    });

    it("leaves the stream as it was where that disk fills while it is saved", async () => {
      const client = await bench.client();
      const { state } = await askJetStream<{ state: { bytes: number } }>(client, "STREAM.INFO.s0");
      await client.close();
      // As much as the messages take, and nothing for what is around them.
      fill(Math.ceil(state.bytes / 4096) * 4096);
      await assertRefused(
        new RegExp(
          `${WHERE}.*the disk .*is full; make room.+\\. Nothing of it was deleted, and it takes messages as before\\.`,
        ),
        9,
      );
      assert.deepEqual(readdirSync(disk), ["filler"], "no half a backup is left");
      rmSync(join(disk, "filler"));
      const run = await bench.up();
      assert.equal(run.code, 0, run.stdout + run.stderr);
      const preview = await bench.preview("--expect-no-changes");
      assert.equal(preview.code, 0, preview.stdout);
    });

    /** Leaves so many bytes of that disk free. */
    function fill(free: number): void {
      rmSync(join(disk, "filler"), { force: true });
      const { bavail, bsize } = statfsSync(disk);
      writeFileSync(join(disk, "filler"), Buffer.alloc(bavail * bsize - free));
    }
  });
}
