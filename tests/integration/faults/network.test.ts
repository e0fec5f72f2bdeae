import { strict as assert } from "node:assert";
import { FaultBench } from "../../support/fault-bench";
import { faultVersions } from "../../support/fault-versions";
import { TcpProxy } from "../../support/tcp-proxy";

for (const version of faultVersions()) {
  describe(`a cluster ${version} whose routes go bad`, function () {
    this.timeout(240_000);
    let bench: FaultBench;
    const routes: { readonly from: number; readonly to: number; readonly proxy: TcpProxy }[] = [];

    before(async () => {
      bench = await FaultBench.make(10, {
        version,
        route: async (from, to, port) => {
          const proxy = await TcpProxy.to(port);
          routes.push({ from, to, proxy });
          return proxy.port;
        },
      });
    });

    after(async () => {
      await bench.remove();
      await Promise.all(routes.map(({ proxy }) => proxy.close()));
    });

    const routesOf = (server: number) =>
      routes.filter(({ from, to }) => from === server || to === server);

    // F6
    it("by delays of 50 to 150 ms: everything takes longer, and nothing is made twice", async () => {
      for (const { proxy } of routes) {
        proxy.delay = () => 25 + Math.random() * 50;
      }
      const run = await bench.up();
      assert.equal(run.code, 0, run.stdout + run.stderr);
      for (const { proxy } of routes) {
        proxy.delay = () => 0;
      }
      await bench.assertRecovers();
    });

    // F6
    it("by a server that stands still for 15 seconds", async () => {
      await bench.publish(2);
      bench.declare({ description: "one stands still" });
      const leader = await bench.metaLeader();
      const pid = bench.cluster.pid(leader);
      process.kill(pid, "SIGSTOP");
      const awake = new Promise((resolve) => setTimeout(resolve, 15_000)).then(() =>
        process.kill(pid, "SIGCONT"),
      );
      const run = await bench.up();
      await awake;
      assert.equal(run.code, 0, run.stdout + run.stderr);
      await bench.assertRecovers();
    });

    // F5
    it("by a partition, seen from the lonely side: the others are asked, and they write", async () => {
      bench.declare({ description: "over the other servers" });
      const lonely = 0;
      for (const { proxy } of routesOf(lonely)) {
        proxy.silence();
      }
      const clients = await Promise.all(
        bench.cluster.servers.map((address) => TcpProxy.to(Number(address.split(":")[1]))),
      );
      let isReached = false;
      for (const [index, proxy] of clients.entries()) {
        // Every connection is the lonely server's until it has been asked something.
        proxy.refuses = () => index !== lonely && !isReached;
        proxy.onRequest = (text) => {
          isReached ||= index === lonely && text.includes("$JS.API");
        };
      }
      bench.connect({ servers: clients.map(({ port }) => `127.0.0.1:${port}`) });
      const run = await bench.up();
      await Promise.all(clients.map((proxy) => proxy.close()));
      bench.connect({ servers: bench.cluster.servers });
      assert.ok(isReached, "the lonely server was never asked");
      assert.equal(run.code, 0, run.stdout + run.stderr);
      for (const { proxy } of routesOf(lonely)) {
        proxy.heal();
      }
      await bench.cluster.settled(60_000);
      await bench.assertRecovers();
    });
  });
}
