import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { type End, PlainReceiver } from "../../../../components/provider/backup/plain-receiver";
import { eventually } from "../../../support/eventually";

const SILENCE = 10_000;
const ACK = "$JS.SNAPSHOT.ACK.large.x";

describe("a receiver without the client", () => {
  let server: Server;
  let socket: Socket;
  let said = "";
  let answer = "PONG\r\n";
  let challenge: string | undefined;

  before(async () => {
    server = createServer((one) => {
      socket = one;
      said = "";
      one.on("error", () => undefined);
      one.write('INFO {"server_id":"x","nonce":"abc","version":"2.10.29"} \r\n');
      one.on("data", (data) => {
        said += data.toString("latin1");
        if (data.includes("PING\r\n")) {
          one.write(answer);
        }
      });
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  });

  after(() => {
    socket?.destroy();
    server.close();
  });

  beforeEach(() => {
    answer = "PONG\r\n";
  });

  const open = () =>
    PlainReceiver.open(
      {
        host: "127.0.0.1",
        port: (server.address() as { port: number }).port,
        login: (nonce) => {
          challenge = nonce;
          return { user: "u", pass: "p" };
        },
      },
      "inbox.1",
    );

  async function opened(): Promise<PlainReceiver> {
    const receiver = await open();
    assert.ok(receiver !== undefined);
    return receiver;
  }

  const message = (payload: Buffer, reply = ` ${ACK}`) =>
    Buffer.concat([
      Buffer.from(`MSG inbox.1 1${reply} ${payload.length}\r\n`),
      payload,
      Buffer.from("\r\n"),
    ]);
  const status = (words: string) => {
    const head = `NATS/1.0 ${words}\r\n\r\n`;
    return Buffer.from(`HMSG inbox.1 1 ${head.length} ${head.length}\r\n${head}\r\n`);
  };

  /** All that comes, put together, and how it ended. */
  async function all(receiver: PlainReceiver, silence = SILENCE) {
    const parts: Buffer[] = [];
    let end: End | undefined;
    for await (const one of receiver.chunks(silence)) {
      if (Buffer.isBuffer(one)) {
        parts.push(Buffer.from(one));
      } else {
        end = one;
      }
    }
    receiver.close();
    return { content: Buffer.concat(parts), end };
  }

  const acknowledged = () => said.split(`PUB ${ACK} 0\r\n\r\n`).length - 1;

  it("says who it is, for the server's challenge, and what it wants", async () => {
    (await opened()).close();
    assert.equal(challenge, "abc");
    assert.match(said, /^CONNECT \{.*"user":"u","pass":"p"\}\r\nSUB inbox\.1 1\r\nPING\r\n$/);
  });

  it("puts payloads together, wherever the network parts them, and acknowledges each", async () => {
    const receiver = await opened();
    const payloads = [1, 5, 300_000, 131_072, 2_500_000, 1 << 20].map((size) => randomBytes(size));
    const bytes = Buffer.concat([
      ...payloads.map((one) => message(one)),
      Buffer.from("PING\r\n"),
      message(Buffer.from("the rest"), ""),
    ]);
    const found = all(receiver);
    for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7) % 200_003) {
      await new Promise<void>((done) => socket.write(bytes.subarray(at, at + size), () => done()));
    }
    await eventually(acknowledged, (count) => count === payloads.length);
    assert.equal(acknowledged(), payloads.length);
    socket.write(status("204"));
    const { content, end } = await found;
    assert.ok(content.equals(Buffer.concat([...payloads, Buffer.from("the rest")])));
    assert.deepEqual(end, { code: 204, description: "" });
    assert.match(said, /PONG\r\n/);
  });

  it("tells why a sender gave up", async () => {
    const receiver = await opened();
    socket.write(Buffer.concat([message(Buffer.from("abc")), status("408 No Flow Response")]));
    const { content, end } = await all(receiver);
    assert.equal(content.toString(), "abc");
    assert.deepEqual(end, { code: 408, description: "No Flow Response" });
  });

  it("takes a message without anything for the end", async () => {
    const receiver = await opened();
    socket.write(message(Buffer.alloc(0), ""));
    assert.deepEqual((await all(receiver)).end, { code: 0, description: "" });
  });

  it("acknowledges no more than it has room for, until some of it is taken", async () => {
    const receiver = await opened();
    const [piece, count] = [Buffer.alloc(1 << 20, 1), 8];
    for (let index = 0; index < count; index++) {
      socket.write(message(piece));
    }
    await eventually(acknowledged, (found) => found >= 3);
    socket.write("PING\r\n");
    await eventually(
      async () => said.includes("PONG"),
      (isThere) => isThere,
    );
    assert.equal(acknowledged(), 3);
    const found = all(receiver);
    await eventually(acknowledged, (one) => one === count);
    assert.equal(acknowledged(), count);
    socket.write(status("204"));
    assert.equal((await found).content.length, count << 20);
  });

  it("ends without a word where nothing comes any more, or the connection is gone", async () => {
    for (const end of [() => undefined, () => socket.destroy()]) {
      const receiver = await opened();
      socket.write(message(Buffer.from("abc")));
      const found = all(receiver, 400);
      end();
      assert.equal((await found).end, undefined);
    }
  });

  it("leaves it to the client where the server refuses it, or is not there", async () => {
    answer = "-ERR 'Permissions Violation for Subscription to \"inbox.1\"'\r\n";
    assert.equal(await open(), undefined);
    const nowhere = { host: "127.0.0.1", port: 1, login: () => ({}) };
    assert.equal(await PlainReceiver.open(nowhere, "inbox.1"), undefined);
  });
});
