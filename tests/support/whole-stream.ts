import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "nats";

/** All that a stream holds, in words that can be compared. */
export interface WholeStream {
  readonly messages: readonly string[];
  readonly first: number;
  readonly last: number;
  readonly perSubject: Readonly<Record<string, number>>;
  readonly consumers: readonly string[];
}

/** Reads a stream message by message, and where its consumers stand. */
export async function wholeStream(client: NatsConnection, stream: string): Promise<WholeStream> {
  const jsm = await jetstreamManager(client);
  const { state } = await jsm.streams.info(stream, { subjects_filter: ">" });
  const messages: string[] = [];
  for (let sequence = state.first_seq; sequence <= state.last_seq; sequence++) {
    const message = await jsm.streams.getMessage(stream, { seq: sequence });
    if (message !== null) {
      const text = message.string().slice(0, 60);
      messages.push(`${sequence} ${message.subject} ${message.time.toISOString()} ${text}`);
    }
  }
  const consumers: string[] = [];
  for await (const one of jsm.consumers.list(stream)) {
    consumers.push(
      `${one.name} ${one.ack_floor.stream_seq} ${one.delivered.stream_seq} ${one.num_ack_pending} ${one.num_pending}`,
    );
  }
  return {
    messages,
    first: state.first_seq,
    last: state.last_seq,
    perSubject: state.subjects ?? {},
    consumers: consumers.sort(),
  };
}

/** A consumer of a whole stream as it is when all that it has in flight waits again. */
export function setBack(consumer: string): string {
  const [name, floor, , flying, pending] = consumer.split(" ");
  return `${name} ${floor} ${floor} 0 ${Number(flying) + Number(pending)}`;
}
