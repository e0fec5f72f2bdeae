import { errors, type NatsConnection } from "nats";
import type { Healthz, Jsz, Raftz, Varz } from "./answers";
import { metaOf, type ServerObservation } from "./observation";

/** With a known number of servers, the answer of the last one ends the waiting. */
const MAX_WAIT = 2_000;
/** Without, nobody answers any more after this silence. */
const STALL = 300;

/** What a server answers to the system account. */
export interface Reply<T> {
  readonly server: { readonly id: string; readonly name: string };
  readonly data?: T;
}

/** What the servers say to the system account, each of its own. */
export async function readSystemAccount(
  connection: NatsConnection,
  jszOptions: Readonly<Record<string, boolean>>,
  expected: number | undefined,
): Promise<ServerObservation[]> {
  // In JSON the option of consumers has another name than in the address.
  const { consumers, ...others } = jszOptions;
  const [varz, jsz, healthz, raftz] = await Promise.all([
    askAllServers<Varz>(connection, "VARZ", {}, expected),
    askAllServers<Jsz>(connection, "JSZ", { ...others, consumer: consumers }, expected),
    askAllServers<Healthz>(connection, "HEALTHZ", {}, expected),
    askAllServers<Raftz>(connection, "RAFTZ", { group: "_meta_" }, expected).catch(nobody),
  ]);
  return [...varz.values()].map(({ server: { id, name }, data }) => ({
    name,
    varz: data,
    jsz: jsz.get(id)?.data,
    healthz: healthz.get(id)?.data,
    meta: metaOf(raftz.get(id)?.data),
  }));
}

/** Before 2.10.23 or so no server of a cluster knows the question. */
function nobody(error: unknown): ReadonlyMap<string, Reply<Raftz>> {
  if (error instanceof errors.NoRespondersError) {
    return new Map<string, Reply<Raftz>>();
  }
  throw error;
}

/** Asks every server one thing; answers by server id. */
export async function askAllServers<T>(
  connection: NatsConnection,
  kind: string,
  question: unknown,
  expected: number | undefined,
): Promise<ReadonlyMap<string, Reply<T>>> {
  const answers = await connection.requestMany(
    `$SYS.REQ.SERVER.PING.${kind}`,
    JSON.stringify(question),
    expected === undefined
      ? { strategy: "stall", maxWait: MAX_WAIT, stall: STALL }
      : { strategy: "count", maxWait: MAX_WAIT, maxMessages: expected },
  );
  const replies = new Map<string, Reply<T>>();
  for await (const answer of answers) {
    if (answer.data.length > 0) {
      const reply = answer.json<Reply<T>>();
      replies.set(reply.server.id, reply);
    }
  }
  return replies;
}
