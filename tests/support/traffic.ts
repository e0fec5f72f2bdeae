import { setTimeout as sleep } from "node:timers/promises";
import { AckPolicy, jetstream, jetstreamManager, type PubAck } from "@nats-io/jetstream";
import type { NatsConnection } from "nats";

const TICK = 10;
const PUBLISH_TIMEOUT = 1_000;
/**
 * Messages that may be on their way at once: what five seconds bring. Without a bound, those that
 * are sent again after a stall keep the process too busy to ever reconnect.
 */
const IN_FLIGHT = 5_000;
const ANEW = 30_000;
const TRACED = 3;
const CONSUMER = "traffic";
/**
 * How long a worker's pull stands, in milliseconds. The client asks anew after as long where its
 * server or the consumer's leader went with a pull (30 s unless said otherwise, and again).
 */
const EXPIRES = 5_000;

/** What a publisher and a consumer went through. */
export interface TrafficReport {
  readonly acknowledged: number;
  readonly consumed: number;
  /** Acknowledged messages that the consumer never got. */
  readonly lost: number;
  /** Some of them: what they were acknowledged as, what the stream has there, and where the consumer is. */
  readonly traces: readonly string[];
  /** Answers that said `duplicate` without a sequence: no acknowledgements (nats-server#5827). */
  readonly withoutSequence: number;
  /** Longest time between two acknowledgements, in milliseconds. */
  readonly longestGap: number;
}

/**
 * A publisher at a fixed rate and a consumer, on one stream. A message that is not acknowledged is
 * sent again under the same id, as an application would. What nats-server 2.10 answers to that while
 * the first try is still on its way to the replicas, `duplicate` with the sequence 0, is not taken
 * for an acknowledgement: the first try may yet be lost (`faults/duplicate-window`).
 */
export class Traffic {
  private readonly acknowledged = new Map<number, PubAck>();
  private readonly consumed = new Set<number>();
  private readonly pending = new Set<Promise<void>>();
  private sent = 0;
  private lastAck = 0;
  private longestGap = 0;
  private withoutSequence = 0;
  private isPublishing = true;
  private stopConsuming: () => void = () => undefined;
  private loop?: Promise<void>;

  private constructor(
    private readonly publisher: NatsConnection,
    private readonly consumer: NatsConnection,
    private readonly stream: string,
    private readonly perSecond: number,
  ) {}

  static async start(
    publisher: NatsConnection,
    consumer: NatsConnection,
    stream: string,
    perSecond = 1_000,
  ): Promise<Traffic> {
    const traffic = new Traffic(publisher, consumer, stream, perSecond);
    await traffic.consume();
    traffic.lastAck = performance.now();
    traffic.loop = traffic.publish();
    return traffic;
  }

  /** Forgets the gaps so far: what comes now is measured by itself. */
  restartClock(): void {
    this.longestGap = 0;
    this.lastAck = performance.now();
  }

  /** The longest gap since the clock was restarted, one that is still open included. */
  get gap(): number {
    return Math.max(this.longestGap, performance.now() - this.lastAck);
  }

  /** Publishes no more, and waits until everything is acknowledged and consumed. */
  async stop(within = 60_000): Promise<TrafficReport> {
    this.isPublishing = false;
    await this.loop;
    await Promise.all(this.pending);
    await this.allConsumed(within);
    const missing = this.missing();
    const consumed = this.consumed.size;
    const traces = missing.length === 0 ? [] : await this.traced(missing);
    this.stopConsuming();
    return {
      acknowledged: this.acknowledged.size,
      consumed,
      lost: missing.length,
      traces,
      withoutSequence: this.withoutSequence,
      longestGap: Math.round(this.longestGap),
    };
  }

  private async allConsumed(within: number): Promise<void> {
    const deadline = Date.now() + within;
    while (this.missing().length > 0 && Date.now() < deadline) {
      await sleep(100);
    }
  }

  /** Says what became of some, and whether a worker that starts anew is given them. */
  private async traced(missing: readonly number[]): Promise<string[]> {
    const traces = await Promise.all(missing.slice(0, TRACED).map((id) => this.trace(id)));
    this.stopConsuming();
    await this.consume();
    await this.allConsumed(ANEW);
    return [...traces, `a worker that started anew lacks ${this.missing().length}`];
  }

  private missing(): number[] {
    return [...this.acknowledged.keys()].filter((id) => !this.consumed.has(id));
  }

  /** Tells a message that the stream has lost from one that the consumer was not given. */
  private async trace(id: number): Promise<string> {
    const { seq = 0, duplicate = false } = this.acknowledged.get(id) ?? {};
    const manager = await jetstreamManager(this.publisher);
    const words = (error: unknown) => `"${(error as Error).message}"`;
    const held = await manager.streams
      .getMessage(this.stream, { seq })
      .then((message) => message?.string() ?? "nothing", words);
    const position = await manager.consumers
      .info(this.stream, CONSUMER)
      .then(({ delivered, ack_floor, num_pending, num_ack_pending, num_redelivered }) => {
        const where = { delivered, ack_floor, num_pending, num_ack_pending, num_redelivered };
        return JSON.stringify(where);
      }, words);
    return `${id} was acknowledged as ${seq}${duplicate ? ", a duplicate," : ""} where the stream has ${held}; the consumer: ${position}`;
  }

  private async publish(): Promise<void> {
    const start = performance.now();
    while (this.isPublishing) {
      const due = ((performance.now() - start) / 1_000) * this.perSecond;
      while (this.sent < due && this.pending.size < IN_FLIGHT) {
        const one = this.publishUntilAcknowledged(this.sent++);
        this.pending.add(one);
        void one.finally(() => this.pending.delete(one));
      }
      await sleep(TICK);
    }
  }

  private async publishUntilAcknowledged(id: number): Promise<void> {
    const client = jetstream(this.publisher);
    for (;;) {
      try {
        const ack = await client.publish(`${this.stream}.traffic`, String(id), {
          msgID: `m${id}`,
          timeout: PUBLISH_TIMEOUT,
        });
        if (ack.seq > 0) {
          this.noteAck(id, ack);
          return;
        }
        this.withoutSequence++;
      } catch {
        // Sent again below.
      }
      await sleep(50);
    }
  }

  private noteAck(id: number, ack: PubAck): void {
    const now = performance.now();
    this.longestGap = Math.max(this.longestGap, now - this.lastAck);
    this.lastAck = now;
    this.acknowledged.set(id, ack);
  }

  private async consume(): Promise<void> {
    const manager = await jetstreamManager(this.consumer);
    await manager.consumers.add(this.stream, {
      durable_name: CONSUMER,
      ack_policy: AckPolicy.Explicit,
      ack_wait: 5_000_000_000,
    });
    const source = await jetstream(this.consumer).consumers.get(this.stream, CONSUMER);
    const messages = await source.consume({ expires: EXPIRES });
    this.stopConsuming = () => messages.stop();
    void (async () => {
      for await (const message of messages) {
        this.consumed.add(Number(message.string()));
        message.ack();
      }
    })();
  }
}
