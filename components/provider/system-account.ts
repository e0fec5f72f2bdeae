import { createInbox, type NatsConnection } from "nats";
import type { ServerStreams } from "../jetstream/replica-agreement";
import { answerOf } from "./faults";

/** A server that is well answers in milliseconds, and with thousands of streams within a second. */
const ANSWER_TIMEOUT = 2_000;
/** Writes that end together are read back together. */
const GATHERING = 50;

/** One server's answer to a question that all are asked. */
interface Reply<T> {
  readonly server: { readonly name: string; readonly ver?: string; readonly cluster?: string };
  readonly data?: T;
}

/** What `$SYS.REQ.SERVER.PING` tells, as far as it is used. */
interface Ping extends Reply<never> {
  readonly statsz?: { readonly active_servers?: number };
}

/** What `$SYS.REQ.SERVER.PING.JSZ` tells, as far as it is used. */
interface Streams {
  readonly account_details?: readonly { readonly stream_detail?: ServerStreams["streams"] }[];
}

/** What each server of a cluster holds, asked through a user of the system account. */
export class SystemAccount {
  private connection: Promise<NatsConnection> | undefined;
  private wanted = new Set<string>();
  private next: Promise<readonly ServerStreams[]> | undefined;
  private running: Promise<unknown> = Promise.resolve();
  private refused = false;

  constructor(private readonly open: () => Promise<NatsConnection>) {}

  /**
   * The streams of these servers; who does not answer in time is missing. Whoever asks while an
   * answer is awaited shares the next one: that one was asked for after their write.
   */
  streamsOf(servers: readonly string[]): Promise<readonly ServerStreams[]> {
    for (const server of servers) {
      this.wanted.add(server);
    }
    if (this.next === undefined) {
      this.next = this.running.then(async () => {
        await new Promise((resolve) => setTimeout(resolve, GATHERING));
        const asked = this.wanted;
        this.wanted = new Set();
        this.next = undefined;
        return this.sweep(asked);
      });
      this.running = this.next.catch(() => undefined);
    }
    return this.next;
  }

  /** Whether not one server answered: the user belongs to another account, or may not ask. */
  get isRefused(): boolean {
    return this.refused;
  }

  async close(): Promise<void> {
    const connection = await this.connection?.catch(() => undefined);
    await connection?.close();
  }

  private connected(): Promise<NatsConnection> {
    this.connection ??= this.open().catch((error: unknown) => {
      this.connection = undefined;
      throw error;
    });
    return this.connection;
  }

  private async sweep(servers: ReadonlySet<string>): Promise<readonly ServerStreams[]> {
    const question = { accounts: true, streams: true, config: true };
    const found = await this.gather<Streams>("$SYS.REQ.SERVER.PING.JSZ", question, servers);
    this.refused = found.size === 0;
    return [...found].map(([server, { account_details: accounts = [] }]) => ({
      server,
      streams: accounts.flatMap(({ stream_detail: own }) => own ?? []),
    }));
  }

  /**
   * Asks all servers, and returns what these answer; who does not answer in time is missing.
   *
   * @param servers - names of those whose answers are waited for; whoever answers first, where
   *   only one server would
   */
  async gather<T>(
    subject: string,
    question: unknown,
    servers: ReadonlySet<string> | "one",
    timeout = ANSWER_TIMEOUT,
  ): Promise<Map<string, T>> {
    const found = new Map<string, T>();
    await this.each<Reply<T>>(subject, question, timeout, (reply) => {
      const isMeant = servers === "one" || servers.has(reply.server.name);
      if (reply.data !== undefined && isMeant) {
        found.set(reply.server.name, reply.data);
      }
      return found.size === (servers === "one" ? 1 : servers.size);
    });
    return found;
  }

  /** The versions that the servers of a cluster run; who does not answer in time is missing. */
  async versionsOf(cluster: string): Promise<readonly string[]> {
    const found = new Set<string>();
    let answered = 0;
    await this.each<Ping>("$SYS.REQ.SERVER.PING", undefined, ANSWER_TIMEOUT, (reply) => {
      answered += 1;
      if (reply.server.ver !== undefined && reply.server.cluster === cluster) {
        found.add(reply.server.ver);
      }
      return answered === reply.statsz?.active_servers;
    });
    return [...found];
  }

  /** Asks all servers, and takes their answers until `take` has enough or the time is up. */
  private async each<R>(
    subject: string,
    question: unknown,
    timeout: number,
    take: (reply: R) => boolean,
  ): Promise<void> {
    const connection = await this.connected();
    const inbox = createInbox();
    const answers = connection.subscribe(inbox);
    const timer = setTimeout(() => answers.unsubscribe(), timeout);
    const payload = question === undefined ? "" : JSON.stringify(question);
    connection.publish(subject, payload, { reply: inbox });
    for await (const answer of answers) {
      // Where nobody hears the question, the server itself answers with an empty message.
      if (answer.data.length === 0 || take(answer.json<R>())) {
        answers.unsubscribe();
      }
    }
    clearTimeout(timer);
  }

  /** Asks JetStream as the system account may; an answer that says no is thrown as `ApiError`. */
  async ask<T>(subject: string, question: unknown, timeout: number): Promise<T> {
    const connection = await this.connected();
    const payload = question === undefined ? "" : JSON.stringify(question);
    return answerOf<T>(subject, await connection.request(subject, payload, { timeout }));
  }
}
