import { strict as assert } from "node:assert";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
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

  /** The pid of a server once it has another one: it answers before it has written it. */
  async function pidAfter(before: number, index: number): Promise<number> {
    const written = () => existsSync(servers.file(index, "nats.pid")) && servers.pid(index);
    const pid = await eventually(written, (one) => one !== false && one > 0 && one !== before);
    return typeof pid === "number" && pid !== before ? pid : assert.fail("no new pid");
  }

  /**
   * Starts a server that nobody lets in: with another password for the routes than the file has
   * then. Returns its pid.
   */
  async function leaveOut(index: number): Promise<number> {
    const before = servers.pid(index);
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
    return pidAfter(before, index);
  }

  async function assertLetIn(lost: number): Promise<void> {
    await pidAfter(lost, OUTSIDER);
    assert.equal(await waitSettled(cluster().monitoring, 10_000), undefined);
  }

  function cluster(): Cluster {
    const processes = [UPGRADED, OTHER, OUTSIDER].map(
      (index) => servers.inputs(index) as unknown as ServerProps,
    );
    const monitoring = processes[0]?.peers ?? [];
    return { name: "blue", connection: {}, monitoring, processes };
  }

  it("is let in before another one restarts", async () => {
    const lost = await leaveOut(OUTSIDER);
    await servers.up(OTHER, { restartOnly: { maxFileStore: "11GiB" } });
    await assertLetIn(lost);
  });

  it("is let in where it was left out by its own restart, after all seemed well", async () => {
    const before = servers.pid(OUTSIDER);
    const roll = restartProcess(cluster(), "nats-blue-2", PAUSE);
    await pidAfter(before, OUTSIDER);
    await eventually(
      () => waitSettled(cluster().monitoring, 0),
      (reason) => reason === undefined,
    );
    const lost = await leaveOut(OUTSIDER);
    await roll;
    await assertLetIn(lost);
  });

  it("is started again as the version that it is of, and let in, where another is upgraded", async () => {
    const lost = await leaveOut(OUTSIDER);
    await servers.kill(UPGRADED);
    await servers.up(UPGRADED, { restartOnly: { version: NEW } });
    await pidAfter(lost, OUTSIDER);
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
