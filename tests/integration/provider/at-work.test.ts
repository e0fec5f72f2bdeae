import { strict as assert } from "node:assert";
import { connect, type NatsConnection } from "nats";
import { announce } from "../../../components/provider/at-work";
import { TestCluster } from "../../support/test-cluster";

describe("work on a cluster that is announced over the cluster itself", function () {
  this.timeout(60_000);
  let cluster: TestCluster;
  const clients: NatsConnection[] = [];

  before(async () => {
    cluster = await TestCluster.start({
      name: "blue",
      extra: `
        authorization { users: [
          { user: app, password: app }
          { user: deaf, password: deaf, permissions: { subscribe: { deny: ["_TFDC.>"] } } }
          { user: mute, password: mute, permissions: { publish: { deny: ["_TFDC.>"] } } }
        ] }
      `,
    });
  });

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
  });

  after(() => cluster.stop());

  async function client(index: number, user = "app"): Promise<NatsConnection> {
    const one = await connect({
      servers: cluster.servers[index] ?? "",
      user,
      pass: user,
      ignoreClusterUpdates: true,
    });
    clients.push(one);
    return one;
  }

  it("keeps other work out on another server, by saying who is at it, until it has ended", async () => {
    const roll = await announce(await client(0), { kind: "roll", what: "a roll of blue" });
    assert.deepEqual([roll.other, roll.isHeard], [undefined, true]);
    const second = await client(1);
    const refused = await announce(second, { kind: "backup", what: "a backup of blue" });
    assert.match(
      refused.other ?? "",
      new RegExp(`^a roll of blue is under way \\(pid ${process.pid} on .+, since 2\\d{3}-.+Z\\)$`),
    );
    roll.end();
    const backup = await announce(second, { kind: "backup", what: "a backup of blue" });
    assert.equal(backup.other, undefined);
  });

  it("lets one of many begin that ask at once", async () => {
    const all = await Promise.all(
      [0, 1, 2, 0, 1, 2].map(async (index) =>
        announce(await client(index), { kind: "roll", what: "a roll" }),
      ),
    );
    assert.equal(all.filter(({ other }) => other === undefined).length, 1);
  });

  it("lets recreations go on together, and nothing else beside them", async () => {
    for (const index of [0, 1]) {
      const what = `a recreation of the stream '${index}'`;
      const one = await announce(await client(index), { kind: "recreation", what });
      assert.equal(one.other, undefined);
    }
    const roll = await announce(await client(2), { kind: "roll", what: "a roll of blue" });
    assert.match(roll.other ?? "", /^a recreation of the stream '[01]' is under way/);
  });

  it("lets backups go on together, of which the server has one of a stream wait", async () => {
    for (const index of [0, 1]) {
      const backup = { kind: "backup", what: "a backup of blue" } as const;
      assert.equal((await announce(await client(index), backup)).other, undefined);
    }
  });

  it("tells at once of who goes first, and of quiet only where nobody answers", async () => {
    const heard: string[] = [];
    const asking = {
      onQuiet: () => heard.push("quiet"),
      onOther: (other: string) => heard.push(other.replace(/ \(.*/, "")),
    };
    const work = { kind: "restore", what: "a restore to blue" } as const;
    const first = await announce(await client(0), work, asking);
    assert.deepEqual(heard, ["quiet"]);
    await announce(await client(1), { kind: "backup", what: "a backup of blue" }, asking);
    assert.deepEqual([...new Set(heard)], ["quiet", "a restore to blue is under way"]);
    first.end();
  });

  it("leaves nothing behind where it was killed", async () => {
    const killed = await client(0);
    await announce(killed, { kind: "restore", what: "a restore to blue" });
    await killed.close();
    assert.equal(
      (await announce(await client(0), { kind: "roll", what: "a roll of blue" })).other,
      undefined,
    );
  });

  it("is not stopped by whatever else is published there", async () => {
    const other = await client(0);
    const noise = setInterval(() => other.publish("_TFDC.AT_WORK.blue", "{ no notice"), 50);
    const roll = await announce(await client(1), { kind: "roll", what: "a roll of blue" });
    clearInterval(noise);
    assert.deepEqual([roll.other, roll.isHeard], [undefined, true]);
  });

  for (const user of ["deaf", "mute"]) {
    it(`knows that nobody hears it where its user is ${user}`, async () => {
      const roll = await announce(await client(0, user), { kind: "roll", what: "a roll of blue" });
      assert.deepEqual([roll.other, roll.isHeard], [undefined, false]);
    });
  }
});
