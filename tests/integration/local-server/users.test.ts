import { strict as assert } from "node:assert";
import { connect, type NatsConnection } from "nats";
import { DeclaredServers } from "./declared-servers";

describe("the users of a server", function () {
  this.timeout(60_000);
  let servers: DeclaredServers;
  const open: NatsConnection[] = [];

  before(async () => {
    servers = await DeclaredServers.make(1);
    await servers.up(0);
  });

  after(async () => {
    await Promise.all(open.map((client) => client.close()));
    servers.remove();
  });

  async function login(user: string): Promise<NatsConnection> {
    const client = await connect({
      servers: `127.0.0.1:${servers.portsOf(0)[0]}`,
      user: `tfdc_${user}`,
      pass: `${user} of a test`,
      inboxPrefix: user === "provisioner" ? "_INBOX_tfdc_provisioner" : undefined,
      reconnect: false,
    });
    open.push(client);
    return client;
  }

  const ORDERS = JSON.stringify({ name: "ORDERS", subjects: ["orders.>"] });

  const COUNT = JSON.stringify({
    stream_name: "ORDERS",
    config: { name: "tfdc_count", deliver_policy: "all", ack_policy: "none" },
  });

  it("provisioner manages streams", async () => {
    const client = await login("provisioner");
    const requests: readonly (readonly [string, string])[] = [
      ["INFO", ""],
      ["STREAM.CREATE.ORDERS", ORDERS],
      ["STREAM.UPDATE.ORDERS", ORDERS],
      ["STREAM.INFO.ORDERS", ""],
      ["STREAM.LIST", ""],
      ["STREAM.NAMES", ""],
      ["CONSUMER.CREATE.ORDERS.tfdc_count", COUNT],
      ["CONSUMER.LIST.ORDERS", ""],
      ["CONSUMER.DELETE.ORDERS.tfdc_count", ""],
      ["STREAM.DELETE.ORDERS", ""],
    ];
    for (const [request, body] of requests) {
      const answer = await client.request(`$JS.API.${request}`, body, { timeout: 5000 });
      assert.equal(answer.json<{ error?: unknown }>().error, undefined, request);
    }
  });

  const FORBIDDEN = [
    "orders.new",
    "$KV.bucket.key",
    "$JS.API.STREAM.PURGE.ORDERS",
    "$JS.API.STREAM.MSG.GET.ORDERS",
    "$JS.API.STREAM.MSG.DELETE.ORDERS",
    "$JS.API.STREAM.SNAPSHOT.ORDERS",
    "$JS.API.STREAM.LEADER.STEPDOWN.ORDERS",
    "$JS.API.DIRECT.GET.ORDERS",
    "$JS.API.CONSUMER.CREATE.ORDERS",
    "$JS.API.CONSUMER.CREATE.ORDERS.worker",
    "$JS.API.CONSUMER.CREATE.ORDERS.tfdc_count.orders.new",
    "$JS.API.CONSUMER.DURABLE.CREATE.ORDERS.tfdc_count",
    "$JS.API.CONSUMER.MSG.NEXT.ORDERS.tfdc_count",
    "$JS.API.CONSUMER.INFO.ORDERS.worker",
    "$JS.API.CONSUMER.DELETE.ORDERS.worker",
    "$SYS.REQ.SERVER.PING",
  ];
  for (const subject of FORBIDDEN) {
    it(`provisioner may not publish to ${subject}`, async () => {
      const client = await login("provisioner");
      await assert.rejects(client.request(subject, "", { timeout: 2000 }), (error: Error) =>
        /Permissions Violation for Publish/.test(String(error.cause ?? error)),
      );
    });
  }

  it("provisioner may not listen to anybody's messages", async () => {
    const client = await login("provisioner");
    for (const subject of [">", "orders.>", "_INBOX.>", "$JS.API.>"]) {
      const refusal = new Promise<Error | null>((resolve) => {
        client.subscribe(subject, { callback: resolve });
      });
      assert.match(String(await refusal), /Permissions Violation for Subscription/);
    }
  });

  it("client uses streams of its account, and sees nothing of the servers", async () => {
    const client = await login("client");
    const made = await client.request("$JS.API.STREAM.CREATE.ORDERS", ORDERS, { timeout: 5000 });
    assert.equal(made.json<{ error?: unknown }>().error, undefined);
    const stored = await client.request("orders.new", "x", { timeout: 5000 });
    assert.deepEqual(stored.json<{ seq: number }>().seq, 1);
    await assert.rejects(
      client.request("$SYS.REQ.SERVER.PING", "", { timeout: 500 }),
      /no responders/,
    );
  });

  it("system sees the servers, and no message", async () => {
    const client = await login("system");
    const answer = await client.request("$SYS.REQ.SERVER.PING.VARZ", "", { timeout: 5000 });
    assert.equal(answer.json<{ server: { name: string } }>().server.name, "nats-blue-0");
    const refused = await client.request("$JS.API.INFO", "", { timeout: 5000 });
    assert.equal(refused.json<{ error?: { err_code: number } }>().error?.err_code, 10039);
  });
});
