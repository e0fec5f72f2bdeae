import { strict as assert } from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import {
  findServerProgram,
  spawnServer,
} from "../../../components/provider/local-server/server-process";
import { eventually } from "../../support/eventually";
import { DeclaredServers } from "./declared-servers";

const [OLD, NEW] = ["2.10.29", "2.11.17"];
const [UPGRADED, OTHER, OUTSIDER] = [0, 1, 2];

interface Varz {
  readonly server_name: string;
  readonly version: string;
}

describe("a server that is left out while another one is upgraded", function () {
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

  it("is started again as the version that it is of, and let in", async () => {
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
