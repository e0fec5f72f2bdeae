import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "nats";
import { backupCronJob } from "../../../components/kubernetes/backup-cron-job";
import { backupSettings } from "../../../components/kubernetes/backup-settings";
import { clusterSettings } from "../../../components/kubernetes/cluster-settings";
import { tfdcNats } from "../../support/ops-command";
import { TestCluster } from "../../support/test-cluster";

const PASSWORD = "secret of the applications";
const ACCOUNTS = `
  accounts {
    TFDC { jetstream: enabled, users: [{ user: tfdc_client, password: "${PASSWORD}" }] }
  }
`;
const STREAMS = 2;

describe("the command line of the CronJob that makes backups", function () {
  this.timeout(180_000);
  let cluster: TestCluster;
  let folder: string;
  let words: readonly string[];

  before(async () => {
    cluster = await TestCluster.start({ name: "blue", extra: ACCOUNTS });
    folder = mkdtempSync(join(tmpdir(), "tfdc-scheduled-"));
    for (const name of ["backup", "login", "home"]) {
      mkdirSync(join(folder, name));
    }
    writeFileSync(join(folder, "login", "password"), PASSWORD);
    words = declared();
    await fill();
  });

  after(async () => {
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The words of the container as declared, with its folders and the servers of this machine. */
  function declared(): string[] {
    const passwords = { client: "c", provisioner: "p", system: "s", cluster: "r" };
    const settings = clusterSettings({ colour: "blue", passwords });
    const backup = backupSettings({ image: "tfdc-nats:1", claim: "nats-backups", keep: 2 });
    const job = backupCronJob(settings, backup);
    const [container] = job.spec?.jobTemplate.spec?.template.spec?.containers ?? [];
    return (container?.args ?? []).map((word) =>
      word
        .replace("/etc/nats-login", join(folder, "login"))
        .replace("=/backup", `=${join(folder, "backup")}`)
        .replace("nats-blue-client.tfdc.svc.cluster.local:4222", cluster.servers.join(",")),
    );
  }

  async function fill(): Promise<void> {
    const client = await connect({
      servers: cluster.servers,
      user: "tfdc_client",
      pass: PASSWORD,
      ignoreClusterUpdates: true,
    });
    for (let index = 0; index < STREAMS; ) {
      const name = `stream${index}`;
      const config = { name, subjects: [`${name}.>`], num_replicas: 3, storage: "file" };
      const reply = await client
        .request(`$JS.API.STREAM.CREATE.${name}`, JSON.stringify(config), { timeout: 5_000 })
        .then((answer) => answer.json<{ error?: object }>())
        .catch((error: Error) => ({ error }));
      index += reply.error === undefined ? 1 : 0;
    }
    for (let index = 0; index < 100; index++) {
      await client.request(`stream${index % STREAMS}.x`, String(index), { timeout: 5_000 });
    }
    await client.close();
  }

  const run = (...more: string[]) =>
    tfdcNats([...words, ...more], {
      env: { HOME: join(folder, "home"), XDG_STATE_HOME: undefined },
    });
  const kept = () => readdirSync(join(folder, "backup")).sort();

  it("saves everything under the colour's name, with the login of the Secret", async () => {
    const { code, stdout, stderr } = await run();
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /nats-blue-\d{8}-\d{6}: 2 streams, 100 messages, .*every record was checked/,
    );
    const [backup = ""] = kept();
    assert.match(backup, /^nats-blue-\d{8}-\d{6}$/);
    assert.deepEqual(readdirSync(join(folder, "backup", backup)).sort(), ["stream0", "stream1"]);
    const manifest = join(folder, "backup", backup, "stream0", "manifest.json");
    assert.equal(JSON.parse(readFileSync(manifest, "utf8")).messages, 50);
  });

  it("keeps as many as it is told, and says which one it removes", async () => {
    const [first] = kept();
    assert.equal((await run()).code, 0);
    const { code, stderr } = await run();
    assert.equal(code, 0, stderr);
    assert.ok(stderr.includes(`${first} is removed: 2 are kept`), stderr);
    assert.equal(kept().length, 2);
    assert.ok(!kept().includes(first ?? ""));
  });

  it("ends with an error, and removes nothing, where the cluster is away", async () => {
    const before = kept();
    for (const index of [0, 1, 2]) {
      await cluster.kill(index);
    }
    const { code, stderr } = await run();
    assert.equal(code, 3, stderr);
    assert.deepEqual(kept(), before);
  });

  it("refuses a number that keeps nothing, and to count backups of some streams", async () => {
    const none = await run("--keep=0");
    assert.equal(none.code, 2);
    const some = await run("--stream=stream0");
    assert.equal(some.code, 2);
    assert.match(
      some.stderr,
      /--keep counts whole backups, and --stream makes one of some streams only; leave one of them out\./,
    );
  });
});
