import { strict as assert } from "node:assert";
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type Msg, type NatsConnection } from "nats";
import { sendArchive } from "../../../components/provider/backup/send-archive";
import { freePorts } from "../../support/free-ports";
import { serverProgram } from "../../support/test-cluster";

const ARCHIVE = randomBytes(1_500_000);
const CREATED = "io.nats.jetstream.api.v1.stream_create_response";
const IN_USE = "stream name already in use, cannot restore";
const DESCRIPTION = {
  config: { name: "orders" },
  state: { messages: 1, bytes: 1, first_seq: 1, last_seq: 1, consumer_count: 0 },
};

/**
 * What receives is this test: no fault makes a server take a restore and stop listening at the
 * wanted moment. The server has no JetStream, so that nobody else answers.
 */
describe("an archive whose receiver stops listening", function () {
  this.timeout(60_000);
  let server: ChildProcess;
  let address: string;
  let client: NatsConnection;
  let folder: string;
  let archive: string;

  before(async () => {
    const [port] = await freePorts(1);
    address = `127.0.0.1:${port}`;
    server = spawn(serverProgram("2.10.29"), ["-a", "127.0.0.1", "-p", String(port)], {
      stdio: "ignore",
    });
    folder = mkdtempSync(join(tmpdir(), "tfdc-send-"));
    archive = join(folder, "stream.tar.s2");
    writeFileSync(archive, ARCHIVE);
  });

  beforeEach(async () => {
    client = await connect({ servers: address, waitOnFirstConnect: true });
  });

  afterEach(() => client.close());

  after(() => {
    server?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  /**
   * Answers as JetStream does, but for the first so many receivers: those hear nothing, make the
   * stream instead of being there at all, and say so, or hear everything and still have the name.
   */
  function answering(failing: number, how: "deaf" | "makes" | "has" = "deaf") {
    const seen = { begun: 0, deleted: 0, pieces: [] as Buffer[], isEnded: false };
    const reply = (message: Msg, answer: object) => message.respond(JSON.stringify(answer));
    client.subscribe("$JS.API.STREAM.RESTORE.orders", {
      callback: (_, message) => {
        seen.begun += 1;
        const subject = `receiver.${seen.begun}`;
        const isFailing = seen.begun <= failing;
        if (!isFailing || how === "has") {
          seen.pieces = [];
          client.subscribe(subject, { callback: (_error, piece) => taken(piece, isFailing) });
        }
        const made = { type: CREATED, config: DESCRIPTION.config };
        reply(message, isFailing && how === "makes" ? made : { deliver_subject: subject });
      },
    });
    const taken = (piece: Msg, hasName: boolean) => {
      if (piece.data.length > 0) {
        seen.pieces.push(Buffer.from(piece.data));
        piece.respond("");
      } else if (hasName) {
        reply(piece, { error: { code: 400, err_code: 10130, description: IN_USE } });
      } else {
        seen.isEnded = true;
        reply(piece, { type: CREATED });
      }
    };
    client.subscribe("$JS.API.STREAM.DELETE.orders", {
      callback: (_, message) => {
        seen.deleted += 1;
        reply(message, { success: true });
      },
    });
    return seen;
  }

  function send(onBytes: (count: number) => void = () => undefined): Promise<void> {
    const { signal } = new AbortController();
    return sendArchive(client, archive, DESCRIPTION, { signal, onBytes });
  }

  /** Sends it: the second receiver has all of it, after what the first one had was deleted. */
  async function assertSentAnew(seen: ReturnType<typeof answering>): Promise<void> {
    let sent = 0;
    await send((count) => {
      sent += count;
    });
    assert.deepEqual([seen.begun, seen.deleted, seen.isEnded], [2, 1, true]);
    assert.ok(Buffer.concat(seen.pieces).equals(ARCHIVE));
    assert.equal(sent, ARCHIVE.length);
  }

  it("is sent anew to the next one, whole, once what is left of the first is deleted", async () => {
    const seen = answering(1);
    await assertSentAnew(seen);
  });

  it("is given up after three of them, and what arrived is removed", async () => {
    const seen = answering(9);
    await assert.rejects(send(), {
      message:
        "orders was not restored: no responders: 'receiver.3'; what had arrived was removed again. Run it again.",
    });
    assert.deepEqual([seen.begun, seen.deleted, seen.isEnded], [3, 3, false]);
  });

  it("is sent to the next one where a server made an empty stream instead, which is deleted", async () => {
    const seen = answering(1, "makes");
    await send();
    assert.deepEqual([seen.begun, seen.deleted, seen.isEnded], [2, 1, true]);
    assert.ok(Buffer.concat(seen.pieces).equals(ARCHIVE));
  });

  it("is given up where three of them did that, in words of what they did", async () => {
    const seen = answering(9, "makes");
    await assert.rejects(send(), {
      message:
        "orders was not restored: the server answered as if it had made the stream, instead of receiving what was saved; what had arrived was removed again. Run it again.",
    });
    assert.deepEqual([seen.begun, seen.deleted, seen.isEnded], [3, 3, false]);
  });

  it("is sent anew, whole, where a server still had a deleted stream of that name at the end", async () => {
    const seen = answering(1, "has");
    await assertSentAnew(seen);
  });

  it("is given up where three of them still had it, in the server's words", async () => {
    const seen = answering(9, "has");
    await assert.rejects(send(), {
      message:
        "orders was not restored: stream name already in use, cannot restore; what had arrived was removed again. Run it again.",
    });
    assert.deepEqual([seen.begun, seen.deleted, seen.isEnded], [3, 3, false]);
  });
});
