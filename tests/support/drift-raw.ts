import { strict as assert } from "node:assert";
import type { NatsConnection } from "nats";
import { askJetStream } from "./jetstream-request";
import type { TestCluster } from "./test-cluster";

/** Something in the server's own words. */
export type Wire = Readonly<Record<string, unknown>>;

/** What a server says no with. */
export interface Refusal {
  readonly code: number;
  readonly says: string;
}

/** What tells whether a stream is still the one it was. */
export interface Identity {
  readonly created: string;
  readonly messages: number;
  readonly bytes: number;
}

const NAME_IN_USE = 10058;

interface Answer {
  readonly error?: { readonly err_code: number; readonly description: string };
}

interface Info {
  readonly config: Wire & { readonly name: string };
  readonly created: string;
  readonly state: { readonly messages: number; readonly bytes: number };
}

/** JetStream's own requests, without a client library in between: how others edit a stream. */
export class RawJetStream {
  private constructor(private readonly client: NatsConnection) {}

  static async connect(cluster: TestCluster): Promise<RawJetStream> {
    return new RawJetStream(await cluster.client());
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  async config(stream: string): Promise<Wire> {
    return (await this.done<Info>(`INFO.${stream}`)).config;
  }

  /** Sends the whole live configuration with a change; returns the refusal, if any. */
  async update(stream: string, change: Wire): Promise<Refusal | undefined> {
    const { error } = await this.ask(`UPDATE.${stream}`, {
      ...(await this.config(stream)),
      ...change,
    });
    return error === undefined ? undefined : { code: error.err_code, says: error.description };
  }

  /** Deletes a stream and creates it with a change that no update could make. */
  async remake(stream: string, change: Wire): Promise<void> {
    const config = await this.config(stream);
    await this.delete(stream);
    // A meta leader answers a delete a moment before it has forgotten the name.
    for (let left = 20; ; left--) {
      const { error } = await this.ask(`CREATE.${stream}`, { ...config, ...change });
      if (error?.err_code !== NAME_IN_USE || left === 0) {
        assert.equal(error, undefined, `CREATE.${stream}: ${error?.description}`);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async delete(stream: string): Promise<void> {
    await this.done(`DELETE.${stream}`);
  }

  /** Creates streams that say nothing but their names. */
  async create(names: readonly string[]): Promise<void> {
    await Promise.all(
      names.map((name) => this.done(`CREATE.${name}`, { name, storage: "memory" })),
    );
  }

  /** Creates a stream as somebody else would. */
  async make(config: Wire & { readonly name: string }): Promise<void> {
    await this.done(`CREATE.${config.name}`, config);
  }

  /** Stores a message in every stream that has a subject of its own and is open to messages. */
  async fill(streams: readonly string[]): Promise<void> {
    for (const stream of streams) {
      const [subject] = ((await this.config(stream)).subjects ?? []) as readonly string[];
      if (subject !== undefined) {
        this.client.publish(subject.replace(/[>*]/g, "one"), "kept");
      }
    }
    await this.client.flush();
  }

  /** Stores a message, and waits until it is stored. */
  async publish(subject: string): Promise<void> {
    const reply = await this.client.request(subject, "kept", { timeout: 5_000 });
    assert.equal(reply.json<Answer>().error, undefined);
  }

  /** When a message was stored. */
  async timeOf(stream: string, seq: number): Promise<Date> {
    const { message } = await this.done<{ message: { time: string } }>(`MSG.GET.${stream}`, {
      seq,
    });
    return new Date(message.time);
  }

  /** Makes a consumer that is pulled from and acknowledges. */
  async consumer(stream: string, config: Wire): Promise<void> {
    const question = JSON.stringify({
      stream_name: stream,
      config: { ack_policy: "explicit", ...config },
    });
    const subject = `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.${config.durable_name}`;
    const reply = await this.client.request(subject, question, { timeout: 5_000 });
    assert.equal(reply.json<Answer>().error, undefined);
  }

  /** The servers that hold a stream. */
  async peers(stream: string): Promise<string[]> {
    const { cluster } = await this.done<{
      cluster: { leader: string; replicas?: readonly { name: string }[] };
    }>(`INFO.${stream}`);
    return [cluster.leader, ...(cluster.replicas ?? []).map(({ name }) => name)];
  }

  /** The names of a stream's consumers. */
  async consumers(stream: string): Promise<string[]> {
    const reply = await this.client.request(`$JS.API.CONSUMER.NAMES.${stream}`, "");
    return reply.json<{ consumers?: string[] }>().consumers ?? [];
  }

  /** Every stream there is, by name. */
  async streams(): Promise<Map<string, Identity>> {
    const infos: Info[] = [];
    for (let total = 1; infos.length < total; ) {
      const page = await this.done<{ total: number; streams: Info[] }>("LIST", {
        offset: infos.length,
      });
      total = page.total;
      infos.push(...page.streams);
    }
    return new Map(
      infos.map(({ config, created, state }) => [
        config.name,
        { created, messages: state.messages, bytes: state.bytes },
      ]),
    );
  }

  private ask(subject: string, question?: Wire): Promise<Answer> {
    return askJetStream<Answer>(this.client, `STREAM.${subject}`, question);
  }

  private async done<T>(subject: string, question?: Wire): Promise<T> {
    const answer = await this.ask(subject, question);
    assert.equal(answer.error, undefined, `${subject}: ${answer.error?.description}`);
    return answer as T;
  }
}
