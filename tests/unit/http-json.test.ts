import { strict as assert } from "node:assert";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getJson } from "../../components/http-json";

const TIMEOUT = 20_000;

describe("an address that is asked for JSON", function () {
  this.timeout(60_000);
  const listening: Server[] = [];

  afterEach(() => {
    for (const server of listening.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function listen(answer: RequestListener): Promise<string> {
    const server = createServer(answer);
    listening.push(server);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it("gives status and body, of a refusal as well", async () => {
    const address = await listen((request, response) => {
      response.statusCode = request.url === "/healthz" ? 503 : 200;
      response.end(JSON.stringify({ asked: request.url }));
    });
    assert.deepEqual(await getJson(`${address}/varz`, TIMEOUT), {
      status: 200,
      body: { asked: "/varz" },
    });
    assert.deepEqual(await getJson(`${address}/healthz`, TIMEOUT), {
      status: 503,
      body: { asked: "/healthz" },
    });
  });

  it("is no answer where nobody listens, or where the body is no JSON", async () => {
    const address = await listen((_, response) => response.end("404 page not found"));
    await assert.rejects(getJson(address, TIMEOUT), SyntaxError);
    listening.pop()?.close();
    await assert.rejects(getJson(address, TIMEOUT), /ECONNREFUSED/);
  });

  it("is waited for until the body has ended, and no longer than it was said", async () => {
    const address = await listen((_, response) => {
      response.write("{");
    });
    const start = Date.now();
    await assert.rejects(getJson(address, 300));
    assert.ok(Date.now() - start >= 290);
  });

  it("is asked again over a new connection where the kept one was closed meanwhile", async () => {
    let connections = 0;
    const address = await listen((request, response) => {
      // The second question over a connection is met as by a server that has just closed it.
      const { socket } = request as { socket: typeof request.socket & { isUsed?: boolean } };
      if (socket.isUsed === true) {
        socket.resetAndDestroy();
        return;
      }
      socket.isUsed = true;
      connections++;
      response.end("{}");
    });
    assert.equal((await getJson(address, TIMEOUT)).status, 200);
    assert.equal((await getJson(address, TIMEOUT)).status, 200);
    assert.equal(connections, 2);
  });
});
