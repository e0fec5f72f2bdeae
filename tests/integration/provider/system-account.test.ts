import { strict as assert } from "node:assert";
import { connect } from "nats";
import { SystemAccount } from "../../../components/provider/system-account";
import { askJetStream } from "../../support/jetstream-request";
import { TestCluster } from "../../support/test-cluster";

const ACCOUNTS = `
  accounts {
    APP: { jetstream: enabled, users: [{ user: app, password: app }] }
    SYS: { users: [
      { user: sys, password: sys }
      { user: deaf, password: deaf, permissions: { publish: { deny: "$SYS.REQ.>" } } }
    ] }
  }
  system_account: SYS
`;

describe("what servers say through the system account", function () {
  this.timeout(60_000);
  let cluster: TestCluster;
  const servers = ["blue-0", "blue-1", "blue-2"];

  before(async () => {
    cluster = await TestCluster.start({ name: "blue", extra: ACCOUNTS });
    const client = await connect({ servers: cluster.servers, user: "app", pass: "app" });
    const stream = { name: "orders", subjects: ["orders"], num_replicas: 3 };
    await askJetStream(client, "STREAM.CREATE.orders", stream);
    await client.close();
  });

  after(() => cluster?.stop());

  const accountOf = (user: string) =>
    new SystemAccount(() =>
      connect({ servers: cluster.servers, user, pass: user, ignoreClusterUpdates: true }),
    );

  async function asked(user: string) {
    const account = accountOf(user);
    try {
      const answers = await account.streamsOf(servers);
      return { answers, isRefused: account.isRefused };
    } finally {
      await account.close();
    }
  }

  it("is what each of them holds", async () => {
    const { answers, isRefused } = await asked("sys");
    assert.equal(isRefused, false);
    assert.deepEqual(answers.map(({ server }) => server).sort(), servers);
    assert.ok(answers.every(({ streams }) => streams.some(({ name }) => name === "orders")));
  });

  it("is each version that they run, once, and none of another cluster's", async () => {
    const account = accountOf("sys");
    try {
      assert.deepEqual(await account.versionsOf("blue"), [cluster.version]);
      assert.deepEqual(await account.versionsOf("green"), []);
    } finally {
      await account.close();
    }
  });

  it("is nothing to a user of another account, which is noticed and not waited for", async () => {
    assert.deepEqual(await asked("app"), { answers: [], isRefused: true });
  });

  it("is nothing to a user who may not ask, which is noticed", async () => {
    assert.deepEqual(await asked("deaf"), { answers: [], isRefused: true });
  });
});
