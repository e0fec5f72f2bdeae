import type { AssetKind } from "../jetstream/asset-kinds";
import { show } from "../jetstream/problems";
import type { StreamSettings } from "../jetstream/stream-fields";
import type { Difference } from "../jetstream/stream-settings";
import { UserError } from "../user-error";
import type { ClusterLink } from "./cluster-link";
import { ApiError, isTransient, Unreachable, wordsOf } from "./faults";

/** An asset as a message names it: `stream 'metrics_v1'`. */
export function label(kind: AssetKind, stream: StreamSettings): string {
  return `${kind.title} '${kind.fromStream(stream)[kind.nameProperty]}'`;
}

/** Differences as a message lists them. */
export function listed(kind: AssetKind, found: readonly Difference[]): string {
  return found
    .map(
      ({ property, live, declared }) =>
        `${kind.propertyOf(property)} is ${show(live)} there and ${show(declared)} here`,
    )
    .join("; ");
}

/** Turns what the server or the network says into one paragraph; bugs pass as they are. */
export async function explained(
  link: ClusterLink,
  kind: AssetKind,
  declared: StreamSettings,
  verb: "create" | "update" | "delete",
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ApiError) {
      const advice = hint(error, verb);
      throw new UserError(
        `cannot ${verb} the ${label(kind, declared)} on ${link.where}: the server says "${error.description}" (${error.code}).${advice}`,
        { cause: error },
      );
    }
    if (isTransient(error)) {
      throw new Unreachable(
        link.where,
        `cannot ${verb} the ${label(kind, declared)}, ${wordsOf(error)}`,
        "run the command again when the cluster is well: what is half done is taken up again",
        { cause: error },
      );
    }
    throw error;
  }
}

const OTHER_STREAM =
  " What a server does not update needs another stream: declare it under another name and move the messages, or delete this one yourself when nothing in it is needed.";

const ON_ITS_WAY =
  " Its replicas are on their way to other servers, or change in number: run the command again when that is through.";

const HINTS: Readonly<Record<number, string>> = {
  10052: OTHER_STREAM,
  10055: OTHER_STREAM,
  10008:
    " The server that was asked knows no meta leader: check that more than half of the servers run and see each other, and run the command again.",
  10005: " Check that enough servers run, and that maxBytes fits what they have not reserved yet.",
  10047: " The servers have reserved their file store: lower maxBytes, or raise max_file_store.",
  10028:
    " The servers have reserved their memory store: lower maxBytes, or raise max_memory_store.",
  10065: " Another stream listens on one of these subjects: make them narrower.",
  10124: ON_ITS_WAY,
  10226: ON_ITS_WAY,
  10074: " A server that is no member of a cluster holds one replica only.",
};

function hint({ code }: ApiError, verb: string): string {
  return HINTS[code] === OTHER_STREAM && verb !== "update" ? "" : (HINTS[code] ?? "");
}
