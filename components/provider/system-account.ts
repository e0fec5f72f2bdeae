import { createInbox, type NatsConnection } from "nats";
import type { ServerStreams } from "../jetstream/replica-agreement";

/** A server that is well answers in milliseconds, and with thousands of streams within a second. */
const ANSWER_TIMEOUT = 2_000;
/** Writes that end together are read back together. */
const GATHERING = 50;

/** One server's answer to `$SYS.REQ.SERVER.PING.JSZ`, as far as it is used. */
interface Reply {
  readonly server: { readonly name: string };
  readonly data?: {
    readonly account_details?: readonly { readonly stream_detail?: ServerStreams["streams"] }[];
  };
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
    const connection = await this.connected();
    const inbox = createInbox();
    const answers = connection.subscribe(inbox);
    const timer = setTimeout(() => answers.unsubscribe(), ANSWER_TIMEOUT);
    connection.publish(
      "$SYS.REQ.SERVER.PING.JSZ",
      JSON.stringify({ accounts: true, streams: true, config: true }),
      { reply: inbox },
    );
    const found = new Map<string, ServerStreams>();
    for await (const answer of answers) {
      // Where nobody hears the question, the server itself answers with an empty message.
      const reply = answer.data.length === 0 ? undefined : answer.json<Reply>();
      if (reply?.data !== undefined && servers.has(reply.server.name)) {
        const accounts = reply.data.account_details ?? [];
        const streams = accounts.flatMap(({ stream_detail: own }) => own ?? []);
        found.set(reply.server.name, { server: reply.server.name, streams });
      }
      if (reply === undefined || found.size === servers.size) {
        answers.unsubscribe();
      }
    }
    clearTimeout(timer);
    this.refused = found.size === 0;
    return [...found.values()];
  }
}
