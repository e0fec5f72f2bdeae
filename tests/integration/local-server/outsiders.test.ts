import { strict as assert } from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import {
  findServerProgram,
  spawnServer,
} from "../../../components/provider/local-server/server-process";
import type { ServerProps } from "../../../components/provider/local-server/server-props";
import { waitSettled } from "../../../components/provider/monitoring-endpoints";
import type { Cluster } from "../../../ops/cluster/cluster";
import { restartProcess } from "../../../ops/roll/restart-process";
import { eventually } from "../../support/eventually";
import { DeclaredServers } from "./declared-servers";

const [OLD, NEW] = ["2.10.29", "2.11.17"];
const [UPGRADED, OTHER, OUTSIDER] = [0, 1, 2];

interface Varz {
  readonly server_name: string;
  readonly version: string;
}

/** Long enough to leave a server out that has just been restarted. */
const PAUSE = 8_000;

describe("a server that is left out", function () {
  this.timeout(240_000);
  let servers: DeclaredServers;

  before(async () => {
    servers = await DeclaredServers.make(3, OLD);
    await servers.upAll();
  });

  after(() => servers?.remove());

  const versionOf = async (index: number) =>
    (await servers.monitor<Varz>(index, "varz").catch(() => undefined))?.version;

  /** Starts a server that nobody lets in: with another password for the routes than the file has then. */
  async function leaveOut(index: number): Promise<void> {
    await servers.kill(index);
    const [conf, credentials] = ["nats.conf", "credentials.conf"].map((name) =>
      servers.file(index, name),
    ) as [string, string];
    const text = readFileSync(credentials, "utf8");
    writeFileSync(credentials, text.replaceAll(/routes(?= |%20)/g, "others"));
    assert.notEqual(readFileSync(credentials, "utf8"), text);
    spawnServer(findServerProgram(OLD), conf, servers.file(index, "nats.log"));
    assert.equal(
      await eventually(
        () => versionOf(index),
        (version) => version === OLD,
      ),
      OLD,
    );
    writeFileSync(credentials, text);
  }

  const assertLetIn = async (lost: number) => {
    assert.notEqual(servers.pid(OUTSIDER), lost);
    assert.equal(await waitSettled(cluster().monitoring, 0), undefined);
  };

  function cluster(): Cluster {
    const processes = [UPGRADED, OTHER, OUTSIDER].map(
      (index) => servers.inputs(index) as unknown as ServerProps,
    );
    const monitoring = processes[0]?.peers ?? [];
    return { name: "blue", connection: {}, monitoring, processes };
  }

  it("is let in before another one restarts", async () => {
    await leaveOut(OUTSIDER);
    const lost = servers.pid(OUTSIDER);
    await servers.up(OTHER, { restartOnly: { maxFileStore: "11GiB" } });
    await assertLetIn(lost);
  });

  it("is let in where it was left out by its own restart, after all seemed well", async () => {
    const before = servers.pid(OUTSIDER);
    const roll = restartProcess(cluster(), "nats-blue-2", PAUSE);
    const isBack = () => servers.pid(OUTSIDER);
    await eventually(isBack, (pid) => pid !== before);
    await eventually(
      () => waitSettled(cluster().monitoring, 0),
      (reason) => reason === undefined,
    );
    await leaveOut(OUTSIDER);
    const lost = servers.pid(OUTSIDER);
    await roll;
    await assertLetIn(lost);
  });

  it("is started again as the version that it is of, and let in, where another is upgraded", async () => {
    await leaveOut(OUTSIDER);
    const lost = servers.pid(OUTSIDER);
    await servers.kill(UPGRADED);
    await servers.up(UPGRADED, { restartOnly: { version: NEW } });
    assert.notEqual(servers.pid(OUTSIDER), lost);
    assert.deepEqual(await Promise.all([UPGRADED, OTHER, OUTSIDER].map(versionOf)), [
      NEW,
      OLD,
      OLD,
    ]);
    const { meta_cluster: meta } = await servers.monitor<{ meta_cluster: { leader: string } }>(
      OUTSIDER,
      "jsz",
    );
    assert.match(meta.leader, /^nats-blue-[012]$/);
  });
});
