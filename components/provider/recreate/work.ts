import { createHash } from "node:crypto";
import type { NatsConnection } from "nats";
import type { AssetKind } from "../../jetstream/asset-kinds";
import type { StreamSettings } from "../../jetstream/stream-fields";
import { canonicalText } from "../../jetstream/stream-settings";
import { UserError } from "../../user-error";
import { label } from "../asset-messages";
import type { RestoreOptions } from "../backup/send-archive";
import type { ChangeOptions } from "../change-options";
import type { ClusterLink } from "../cluster-link";
import { countPerSubject } from "../contents";
import { writtenStream } from "../live-streams";

/** What a recreation works with. */
export interface Work {
  readonly link: ClusterLink;
  readonly client: NatsConnection;
  readonly kind: AssetKind;
  readonly declared: StreamSettings;
  readonly options: ChangeOptions;
}

/** Nothing ends a write early but its process. */
export const TRANSFER: RestoreOptions = {
  signal: new AbortController().signal,
  onBytes: () => undefined,
};

/** How many messages each subject has, summed up; `undefined` where the server does not tell. */
export async function subjectSum(link: ClusterLink, stream: string): Promise<string | undefined> {
  const counts = await countPerSubject(link, stream);
  return counts === undefined
    ? undefined
    : createHash("sha256").update(canonicalText(counts)).digest("hex");
}

/** The stream as it is now, which nobody else should have deleted. */
export async function mustBe({ link, kind, declared }: Work) {
  const info = await writtenStream(link, String(declared.name));
  if (info === undefined) {
    throw new UserError(
      `the ${label(kind, declared)} of ${link.where} is gone: somebody else deleted it; run the command again.`,
    );
  }
  return info;
}

/** Words as a sentence. */
export function withStop(words: string): string {
  return /[.!]$/.test(words) ? words : `${words}.`;
}
