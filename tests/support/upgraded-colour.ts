import { strict as assert } from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { LocalProgram } from "./local-program";

const SERVERS = [0, 1, 2];
const MESSAGES = 20;

/** A local colour with messages and a consumer, whose servers go from one version to another. */
export class UpgradedColour {
  private published = 0;

  private constructor(readonly program: LocalProgram) {}

  /** A colour that runs in a version, with messages and a consumer. */
  static async start(serverVersion: string): Promise<UpgradedColour> {
    const colour = new UpgradedColour(await LocalProgram.create({ serverVersion }));
    try {
      await colour.program.project.ok("up", "--yes", "--skip-preview");
      await colour.publish();
      const client = await colour.program.client();
      await (await jetstreamManager(client)).consumers.add("events_v1", {
        durable_name: "worker",
        ack_policy: "explicit",
      });
      await client.close();
      return colour;
    } catch (error) {
      colour.remove();
      throw error;
    }
  }

  remove(): void {
    this.program.remove();
  }

  async publish(): Promise<void> {
    const client = await this.program.client();
    const js = jetstream(client);
    for (let index = 0; index < MESSAGES; index++) {
      await js.publish("events.a", `${this.published++}`);
      await js.publish("$KV.workers_v1.one", `${this.published}`);
    }
    await client.close();
  }

  /** Everything that was declared, published and delivered is there, in the version that is declared. */
  async assertKept(version: string): Promise<void> {
    const preview = await this.program.project.run("preview", "--expect-no-changes");
    assert.equal(preview.code, 0, preview.stdout + preview.stderr);
    assert.doesNotMatch(preview.stdout, /=> 2\.1/);
    assert.deepEqual(
      await this.versions(),
      SERVERS.map(() => version),
    );
    const client = await this.program.client();
    const jsm = await jetstreamManager(client);
    const { state, cluster } = await jsm.streams.info("events_v1");
    assert.equal(state.messages, this.published);
    assert.equal(cluster?.replicas?.length, 2);
    const first = await jsm.streams.getMessage("events_v1", { seq: 1 });
    const last = await jsm.streams.getMessage("events_v1", { seq: this.published });
    assert.deepEqual([first?.string(), last?.string()], ["0", `${this.published - 1}`]);
    const bucket = await jsm.streams.info("KV_workers_v1", { subjects_filter: ">" });
    assert.equal(bucket.state.last_seq, this.published);
    const { num_pending: pending } = await jsm.consumers.info("events_v1", "worker");
    assert.equal(pending, this.published);
    await client.close();
  }

  /** The version that each server runs; `undefined` of one that does not answer. */
  versions(): Promise<(string | undefined)[]> {
    return Promise.all(
      SERVERS.map((index) =>
        this.program.monitor<{ version: string }>(index, "varz").then(
          ({ version }) => version,
          () => undefined,
        ),
      ),
    );
  }

  /** Has `events.v1` declared with a setting that nats-server 2.11 brought, or without. */
  declareTtl(isDeclared: boolean): void {
    const path = join(this.program.project.directory, "topology.ts");
    const plain = readFileSync(path, "utf8").replace("    allowMsgTtl: true,\n", "");
    const subjects = '    subjects: ["events.>"],\n';
    const text = isDeclared
      ? plain.replace(subjects, `${subjects}    allowMsgTtl: true,\n`)
      : plain;
    assert.equal(text !== plain, isDeclared);
    writeFileSync(path, text);
  }

  async assertSaid(...sentences: string[]): Promise<void> {
    const { stdout } = await this.program.project.ok("preview");
    const said = stdout.replace(/\s+/g, " ");
    for (const sentence of sentences) {
      assert.ok(said.includes(`warning: ${sentence}`), stdout);
    }
  }

  async hasTtl(): Promise<boolean> {
    const client = await this.program.client();
    const { config } = await (await jetstreamManager(client)).streams.info("events_v1");
    await client.close();
    return config.allow_msg_ttl === true;
  }
}
