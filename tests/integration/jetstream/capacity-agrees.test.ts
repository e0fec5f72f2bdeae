import { strict as assert } from "node:assert";
import fc from "fast-check";
import type { NatsConnection } from "nats";
import { normaliseStream } from "../../../components/jetstream/stream-settings";
import { type ClusterLink, openLink } from "../../../components/provider/cluster-link";
import { capacityReasons } from "../../../components/provider/guard-findings";
import { listStreams } from "../../../components/provider/live-streams";
import { askJetStream } from "../../support/jetstream-request";
import { TestCluster } from "../../support/test-cluster";

const VERSIONS = ["2.10.29", "2.12.15"] as const;
const GIB = 2 ** 30;
/** Servers tell each other what they have reserved once a second. */
const TOLD = 1_200;
/** A server that finds itself too small takes a stream back within five seconds. */
const PATIENCE = 7_000;
const RANDOM = { numRuns: 8, seed: 20_260_214 };

const stream = fc.record({
  gib: fc.integer({ min: 1, max: 6 }),
  replicas: fc.constantFrom(1, 2, 3),
});

const STORE = 10;

for (const version of VERSIONS) {
  describe(`the room of a cluster that is not empty, beside nats-server ${version}`, function () {
    this.timeout(180_000);
    let cluster: TestCluster;
    let client: NatsConnection;
    let link: ClusterLink;
    const verdicts: boolean[] = [];

    before(async () => {
      cluster = await TestCluster.start({
        version,
        jetstream: `max_file_store: ${STORE * GIB}\nmax_memory_store: ${GIB}`,
      });
      client = await cluster.client();
      link = await openLink({ servers: cluster.servers });
    });

    after(async () => {
      await link?.close();
      await client?.close();
      await cluster?.stop();
    });

    async function ask(what: string, question?: unknown): Promise<string | undefined> {
      type Answer = { error?: { description: string } };
      return (await askJetStream<Answer>(client, `STREAM.${what}`, question)).error?.description;
    }

    function create(name: string, { gib, replicas }: { gib: number; replicas: number }) {
      return ask(`CREATE.${name}`, {
        name,
        subjects: [`${name}.>`],
        retention: "limits",
        storage: "file",
        num_replicas: replicas,
        max_bytes: gib * GIB,
      });
    }

    /** What the server says in the end, once its servers have told each other what they hold. */
    async function isTaken(one: { gib: number; replicas: number }, isExpected: boolean) {
      for (const start = Date.now(); ; ) {
        const refusal = await create("asked", one);
        // What was taken on old news is taken back.
        const isThere = refusal === undefined && (await stays());
        if (isThere === isExpected || Date.now() - start > PATIENCE) {
          return { isThere, refusal };
        }
        await ask("DELETE.asked");
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }

    async function stays(): Promise<boolean> {
      await new Promise((resolve) => setTimeout(resolve, 500));
      const servers = (await listStreams(link)).get("asked")?.cluster;
      return servers !== undefined;
    }

    it("is enough here where it is there, and too little for the same reason", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(stream, { minLength: 1, maxLength: 5 }),
          stream,
          async (live, one) => {
            const made: string[] = [];
            for (const [index, other] of live.entries()) {
              if ((await create(`other${index}`, other)) === undefined) {
                made.push(`other${index}`);
              }
              await new Promise((resolve) => setTimeout(resolve, TOLD));
            }
            const { settings: declared } = normaliseStream({
              name: "asked",
              subjects: ["asked.>"],
              replicas: one.replicas,
              maxBytes: `${one.gib}GiB`,
            });
            const reasons = capacityReasons(
              "test",
              await listStreams(link),
              [declared],
              new Set(),
              {
                servers: [0, 1, 2].map((index) => `${cluster.name}-${index}`),
                maxFileStore: `${STORE}GiB`,
                maxMemoryStore: "1GiB",
                serverVersion: version,
              },
            );
            const fits = reasons.length === 0;
            const { isThere, refusal } = await isTaken(one, fits);
            assert.equal(isThere, fits, `${reasons.join()} and there: ${refusal}`);
            if (!fits) {
              assert.match(
                refusal ?? "",
                /insufficient storage|no suitable peers for placement/,
                "the reason is another one",
              );
            }
            verdicts.push(fits);
            for (const name of ["asked", ...made]) {
              await ask(`DELETE.${name}`);
            }
            await new Promise((resolve) => setTimeout(resolve, TOLD));
          },
        ),
        RANDOM,
      );
      assert.ok(verdicts.includes(true) && verdicts.includes(false), "both were tried");
    });
  });
}
