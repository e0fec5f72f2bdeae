import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { NatsConnection } from "nats";

/** How often others are asked, and how long each time: together what work waits before it begins. */
const QUESTIONS = 10;
const PAUSE = 100;

/** Work on a cluster that other work must not come between. */
export interface Work {
  readonly kind: "recreation" | "backup" | "restore" | "roll";
  /** As others are told: `a roll of blue`. */
  readonly what: string;
}

/** What everybody who is at work says of it. */
interface Notice extends Work {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  readonly since: string;
  /** It goes on already; otherwise it asks whether it may. */
  readonly isUnderWay: boolean;
  readonly isQuestion: boolean;
}

/** Work that others see, until it is ended. */
export interface Announced {
  /** Whose work goes on, as a message says it; `undefined` where this may begin. */
  readonly other: string | undefined;
  /** Whether the user of the connection may say and hear this at all. */
  readonly isHeard: boolean;
  end(): void;
}

/** What is told while others are still asked. */
export interface Asking {
  /** The first question is out for long enough that whoever is at work has answered by now. */
  readonly onQuiet?: () => void;
  /** Somebody goes first, whose work it is: what was begun meanwhile is to be given up. */
  readonly onOther?: (other: string) => void;
}

/** Above the subjects of all clusters. */
export const AT_WORK = "_TFDC.AT_WORK";

/**
 * Where those who are at work on a cluster are asked. Its name is in it: leaf nodes and gateways lead
 * subjects from one cluster to the other.
 */
export function atWorkSubject(cluster: string): string {
  return `${AT_WORK}.${cluster.replace(/[^\w-]/g, "_")}`;
}

/**
 * Tells everybody who works on this cluster of `work`, from whatever machine and process, and asks
 * them whether it may begin. Nothing is kept on a server: whoever is at work answers for as long
 * as it lives, so that nothing is left of one that was killed. Of two who ask at once the one
 * with the smaller id goes first.
 */
export async function announce(
  connection: NatsConnection,
  work: Work,
  { onQuiet, onOther }: Asking = {},
): Promise<Announced> {
  const { cluster, server_name: name = "" } = connection.info ?? {};
  const subject = atWorkSubject(cluster ?? name);
  const mine = {
    ...work,
    id: randomUUID(),
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
  };
  let isUnderWay = false;
  let isHeard = false;
  let other: Notice | undefined;
  const say = (isQuestion: boolean) =>
    connection.publish(subject, JSON.stringify({ ...mine, isUnderWay, isQuestion }));
  const subscription = connection.subscribe(subject, {
    callback: (error, message) => {
      const notice = error === null ? noticeIn(message.data) : undefined;
      if (notice?.id === mine.id) {
        isHeard = true;
      }
      if (notice === undefined || notice.id === mine.id || goTogether(notice, mine)) {
        return;
      }
      const goesFirst = notice.isUnderWay || notice.id < mine.id;
      if (!isUnderWay && goesFirst) {
        other = notice;
        onOther?.(describe(notice));
      } else if (notice.isQuestion && other === undefined) {
        say(false);
      }
    },
  });
  const end = () => {
    if (!connection.isClosed()) {
      subscription.unsubscribe();
    }
  };
  // More than once: the servers tell each other of a new subscription in their own time.
  for (let asked = 0; asked < QUESTIONS && other === undefined && !connection.isClosed(); asked++) {
    say(true);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    if (asked === 0 && other === undefined) {
      onQuiet?.();
    }
  }
  isUnderWay = other === undefined;
  if (other !== undefined) {
    end();
  }
  return { other: other === undefined ? undefined : describe(other), isHeard, end };
}

/** Recreations are of different streams, and of two backups of one stream the server has one wait. */
function goTogether(one: Work, two: Work): boolean {
  return one.kind === two.kind && (one.kind === "recreation" || one.kind === "backup");
}

function describe({ what, pid, host, since }: Notice): string {
  return `${what} is under way (pid ${pid} on ${host}, since ${since})`;
}

/** What somebody said; anything else that is published there is nobody's work. */
function noticeIn(data: Uint8Array): Notice | undefined {
  try {
    const notice = JSON.parse(new TextDecoder().decode(data)) as Partial<Notice>;
    return typeof notice.id === "string" && typeof notice.what === "string"
      ? (notice as Notice)
      : undefined;
  } catch {
    return undefined;
  }
}
