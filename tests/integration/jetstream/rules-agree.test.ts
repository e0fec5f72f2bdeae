import { strict as assert } from "node:assert";
import fc from "fast-check";
import type { NatsConnection } from "nats";
import { versionProblems } from "../../../components/jetstream/newer-settings";
import { STREAM_FIELDS } from "../../../components/jetstream/stream-fields";
import {
  differences,
  fromWire,
  normaliseStream,
  toWire,
} from "../../../components/jetstream/stream-settings";
import { isOlder } from "../../../components/jetstream/versions";
import { type UserStream, userStream } from "../../support/arbitraries";
import { askJetStream } from "../../support/jetstream-request";
import { LEFT_TO_SERVER } from "../../support/left-to-server";
import { SHARED_RULES } from "../../support/rule-cases";
import { STRICTER_RULES } from "../../support/stricter-rules";
import { TestCluster } from "../../support/test-cluster";

const VERSIONS = ["2.10.29", "2.12.15", "2.15.3"] as const;
const RANDOM = { numRuns: 400, seed: 20_260_131 };

interface Answer {
  readonly error?: { readonly description: string };
  readonly config?: Readonly<Record<string, unknown>>;
}

/** A server to ask about streams, with nothing of a client library in between. */
class Server {
  constructor(private readonly client: NatsConnection) {}

  ask(what: string, question?: unknown): Promise<Answer> {
    return askJetStream<Answer>(this.client, `STREAM.${what}`, question);
  }

  /** What the server says against a stream; `undefined` where it takes it. */
  async refusal(config: Readonly<Record<string, unknown>>): Promise<string | undefined> {
    const { error } = await this.ask(`CREATE.${config.name}`, config);
    await this.ask(`DELETE.${config.name}`);
    return error?.description;
  }
}

/** What a user wrote, on the wire, with nothing filled in. */
function spoken(stream: UserStream): Record<string, unknown> {
  return Object.fromEntries(
    STREAM_FIELDS.flatMap(({ name, wire, kind }) => {
      const { value } = kind.parse(name, stream[name]);
      const said = value === undefined ? undefined : kind.toWire(value);
      return said === undefined ? [] : [[wire, said] as const];
    }),
  );
}

function isKnown(stream: UserStream, version: string): boolean {
  return STREAM_FIELDS.every(
    ({ name, since }) => stream[name] === undefined || !isOlder(version, since ?? "0"),
  );
}

/** The words of one server, of those that 2.10 and later ones have. */
function saidBy(version: string, words: string | readonly [string, string]): string {
  return typeof words === "string" ? words : words[isOlder(version, "2.11.0") ? 0 : 1];
}

/** Whether a server takes what broke these rules, and why that is no reason to take it here. */
function isStricter(stream: UserStream, properties: readonly string[], version: string): boolean {
  const sources = Array.isArray(stream.sources) ? (stream.sources as UserStream[]) : [];
  return properties.every((property) => {
    if (property === "duplicateWindow") {
      return stream.duplicateWindow === "none";
    }
    if (property === "subjectDeleteMarkerTtl") {
      return stream.allowMsgCounter === true;
    }
    const [, name] = /^sources\["(.*)"\]\.filterSubject$/.exec(property) ?? [];
    const source = sources.find((one) => one.name === name);
    return source?.external !== undefined && isOlder(version, "2.11.0");
  });
}

for (const version of VERSIONS) {
  describe(`the rules of streams, beside those of nats-server ${version}`, function () {
    this.timeout(60_000);
    let cluster: TestCluster;
    let client: NatsConnection;
    let server: Server;

    before(async () => {
      cluster = await TestCluster.start({ size: 1, version });
      client = await cluster.client();
      server = new Server(client);
      // Removing the last stream removes its folder, which a server does while it makes the next.
      await server.ask("CREATE.kept", { name: "kept", mirror: { name: "nowhere" } });
    });

    after(async () => {
      await client?.close();
      await cluster?.stop();
    });

    /** The stream as the server has it after our create, and the update that seals it. */
    async function made(settings: ReturnType<typeof fromWire>): Promise<Answer> {
      const created = await server.ask(
        `CREATE.${settings.name}`,
        toWire({ ...settings, sealed: false }),
      );
      const sealed =
        created.error === undefined && settings.sealed === true
          ? await server.ask(`UPDATE.${settings.name}`, toWire(settings))
          : created;
      return sealed.error === undefined ? server.ask(`INFO.${settings.name}`) : sealed;
    }

    it("agree about random streams, which read back as they were declared", async () => {
      const tally = { taken: 0, refused: 0, stricter: 0 };
      await fc.assert(
        fc.asyncProperty(userStream(version), async (stream) => {
          const { settings, problems } = normaliseStream(stream);
          if (problems.length > 0) {
            const properties = problems.map(({ property }) => property);
            if (isStricter(stream, properties, version)) {
              tally.stricter++;
              return;
            }
            tally.refused++;
            const refusal = await server.refusal(spoken(stream));
            assert.notEqual(refusal, undefined, `taken, though: ${problems[0]?.reason}`);
            return;
          }
          if (versionProblems(settings, version).length > 0) {
            tally.stricter++;
            return;
          }
          tally.taken++;
          try {
            const { error, config } = await made(settings);
            assert.equal(error?.description, undefined);
            assert.deepEqual(differences(fromWire(config ?? {}), settings), []);
          } finally {
            await server.ask(`DELETE.${settings.name}`);
          }
        }),
        RANDOM,
      );
      assert.ok(tally.taken >= 50 && tally.refused >= 30, JSON.stringify(tally));
    });

    for (const { rule, stream, property, server: words, since = "0" } of SHARED_RULES) {
      if (isKnown(stream, version) && !isOlder(version, since)) {
        it(`agree: ${rule}`, async () => {
          const { problems } = normaliseStream(stream);
          assert.deepEqual(
            problems.map((problem) => problem.property),
            [property],
          );
          const refusal = await server.refusal(spoken(stream));
          assert.equal(refusal, saidBy(version, words));
        });
      }
    }

    for (const { rule, stream, property, taken, because } of STRICTER_RULES) {
      if (taken.includes(version)) {
        it(`are stricter about ${rule}: ${because}`, async () => {
          const { problems } = normaliseStream(stream);
          assert.deepEqual(
            problems.map((problem) => problem.property),
            [property],
          );
          assert.equal(await server.refusal(spoken(stream)), undefined);
        });
      }
    }

    for (const { what, stream, says } of LEFT_TO_SERVER) {
      it(`leave to the server: ${what}`, async () => {
        const { settings, problems } = normaliseStream(stream);
        assert.deepEqual(problems, []);
        assert.equal(await server.refusal(toWire(settings)), saidBy(version, says));
      });
    }
  });
}
