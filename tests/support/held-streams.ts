import type { ConsumerDetail } from "../../ops/observe/answers";
import type { HeldStream, Observation } from "../../ops/observe/observation";

/** A consumer that is up to date, with what a test changes of it. */
export function aConsumer(name: string, change: Partial<ConsumerDetail> = {}): ConsumerDetail {
  return {
    name,
    config: { durable_name: name, ack_policy: "explicit", max_ack_pending: 1000 },
    delivered: { consumer_seq: 5, stream_seq: 5 },
    ack_floor: { consumer_seq: 5, stream_seq: 5 },
    num_ack_pending: 0,
    num_redelivered: 0,
    num_waiting: 1,
    num_pending: 0,
    ...change,
  };
}

/** A stream of five messages, with what a test changes of it. */
export function aStream(name: string, change: Partial<HeldStream> = {}): HeldStream {
  return {
    name,
    server: "nats-blue-0",
    account: "TFDC",
    cluster: { leader: "nats-blue-0" },
    config: { name, subjects: ["a.>"], num_replicas: 3, storage: "file", max_age: 0 },
    state: { messages: 5, bytes: 500, first_seq: 1, last_seq: 5, consumer_count: 0 },
    ...change,
  };
}

/** The servers that hold these streams, led by the last one. */
export function anObservation(held: readonly HeldStream[]): Observation {
  return {
    servers: ["nats-blue-0", "nats-blue-1", "nats-blue-2"].map((name) => ({
      name,
      varz: { server_id: `id of ${name}`, server_name: name, version: "2.10.29" },
      jsz: {
        meta_cluster: { leader: "nats-blue-2" },
        account_details: [
          { name: "TFDC", stream_detail: held.filter(({ server }) => server === name) },
        ],
      },
    })),
  };
}
