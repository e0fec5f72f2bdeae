import { strict as assert } from "node:assert";
import fc from "fast-check";
import type { NatsConnection } from "nats";
import { changesBetween, refusedChanges } from "../../../components/jetstream/changes";
import {
  type Contents,
  lossesOf,
  mostLost,
  overPerSubject,
} from "../../../components/jetstream/losses";
import { versionProblems } from "../../../components/jetstream/newer-settings";
import type { StreamSettings } from "../../../components/jetstream/stream-fields";
import {
  differences,
  fromWire,
  normaliseStream,
  toWire,
} from "../../../components/jetstream/stream-settings";
import { userStream } from "../../support/arbitraries";
import { askJetStream } from "../../support/jetstream-request";
import { TestCluster } from "../../support/test-cluster";

const VERSIONS = ["2.10.29", "2.12.15", "2.15.3"] as const;
const RANDOM = { numRuns: 400, seed: 20_260_131 };

interface Answer {
  readonly error?: { readonly description: string };
  readonly config?: Readonly<Record<string, unknown>>;
  readonly state?: {
    readonly messages: number;
    readonly bytes: number;
    readonly first_ts: string;
    readonly last_ts: string;
    readonly subjects?: Readonly<Record<string, number>>;
  };
}

for (const version of VERSIONS) {
  describe(`the rules of updates, beside those of nats-server ${version}`, function () {
    this.timeout(60_000);
    let cluster: TestCluster;
    let client: NatsConnection;

    before(async () => {
      cluster = await TestCluster.start({ size: 1, version });
      client = await cluster.client();
      // Removing the last stream removes its folder, which a server does while it makes the next.
      await ask("CREATE.kept", { name: "kept", mirror: { name: "nowhere" } });
    });

    after(async () => {
      await client?.close();
      await cluster?.stop();
    });

    const ask = (what: string, question?: unknown) =>
      askJetStream<Answer>(client, `STREAM.${what}`, question);

    /** Makes a stream, sealed by an update where it is declared so. */
    async function make(settings: StreamSettings): Promise<Answer> {
      const made = await ask(`CREATE.${settings.name}`, toWire({ ...settings, sealed: false }));
      return made.error === undefined && settings.sealed === true
        ? ask(`UPDATE.${settings.name}`, toWire(settings))
        : made;
    }

    it("agree about random changes of random streams, and about the reason", async () => {
      const tally = { taken: 0, refused: 0 };
      const pairs = fc.tuple(userStream(version), userStream(version));
      await fc.assert(
        fc.asyncProperty(pairs, async ([first, second]) => {
          const from = normaliseStream({ ...first, name: "x" });
          const to = normaliseStream({ ...first, ...second, name: "x" });
          fc.pre(from.problems.length === 0 && to.problems.length === 0);
          fc.pre(
            [from, to].every(({ settings }) => versionProblems(settings, version).length === 0),
          );
          try {
            const made = await make(from.settings);
            fc.pre(made.error === undefined);
            const live = fromWire((await ask("INFO.x")).config ?? {});
            const refused = refusedChanges(changesBetween(live, to.settings, version));
            const { error } = await ask("UPDATE.x", toWire(to.settings));
            if (refused.length === 0) {
              tally.taken++;
              assert.equal(error?.description, undefined);
              const { config = {} } = await ask("INFO.x");
              assert.deepEqual(differences(fromWire(config), to.settings), []);
            } else {
              tally.refused++;
              const words = refused.map(({ refusal }) => refusal);
              assert.ok(
                words.includes(error?.description),
                `${error?.description ?? "taken"}, and not ${words.join(" or ")}`,
              );
            }
          } finally {
            await ask("DELETE.x");
          }
        }),
        RANDOM,
      );
      assert.ok(tally.taken >= 50 && tally.refused >= 30, JSON.stringify(tally));
    });

    it("agree about the messages that random lower limits delete", async () => {
      const limit = fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined });
      const change = fc.record({
        storage: fc.constantFrom("file", "memory"),
        discard: fc.constantFrom("old", "new"),
        subjects: fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 12 }),
        maxMsgs: limit,
        maxMsgsPerSubject: limit,
        kilobytes: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
      });
      const tally = { lossy: 0, harmless: 0 };
      await fc.assert(
        fc.asyncProperty(change, async ({ subjects, kilobytes, ...rest }) => {
          const { storage, discard, maxMsgs, maxMsgsPerSubject } = rest;
          const common = { name: "x", subjects: ["x.>"], storage, discard };
          const from = normaliseStream({ ...common, maxMsgsPerSubject: 100 }).settings;
          const to = normaliseStream({
            ...common,
            maxMsgs,
            maxMsgsPerSubject: maxMsgsPerSubject ?? 100,
            maxBytes: kilobytes === undefined ? undefined : `${kilobytes}KiB`,
          }).settings;
          try {
            assert.equal((await make(from)).error, undefined);
            for (const subject of subjects) {
              await client.request(`x.${subject}`, "y".repeat(1000));
            }
            const { state } = await ask("INFO.x", { subjects_filter: ">" });
            assert.ok(state);
            const contents: Contents = {
              messages: state.messages,
              bytes: state.bytes,
              firstTime: state.first_ts,
              lastTime: state.last_ts,
              consumers: 0,
            };
            const losses = lossesOf(from, to, contents, new Date()).map(({ loss, ask: open }) =>
              open?.what === "perSubject"
                ? {
                    ...loss,
                    messages: overPerSubject(state.subjects ?? {}, Number(to.maxMsgsPerSubject)),
                    isExact: true,
                  }
                : loss,
            );
            assert.equal((await ask("UPDATE.x", toWire(to))).error, undefined);
            const left = (await ask("INFO.x")).state?.messages ?? 0;
            const lost = state.messages - left;
            const most = mostLost(losses, contents);
            const said = JSON.stringify({ losses, lost });
            assert.ok(lost <= most, said);
            // What is exact is a lower bound as well: one limit alone deletes that much.
            const least = losses.filter(({ isExact }) => isExact).map(({ messages }) => messages);
            assert.ok(lost >= Math.max(0, ...least), said);
            if (most === 0) {
              tally.harmless++;
              assert.equal(lost, 0, said);
            } else {
              tally.lossy++;
              assert.ok(lost > 0, said);
            }
          } finally {
            await ask("DELETE.x");
          }
        }),
        { numRuns: 150, seed: RANDOM.seed },
      );
      assert.ok(tally.lossy >= 30 && tally.harmless >= 20, JSON.stringify(tally));
    });
  });
}
