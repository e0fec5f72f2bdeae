import type { StreamInfo } from "@nats-io/jetstream";
import { closedSubject } from "../../backup/recreation";
import type { StreamSettings } from "../../jetstream/stream-fields";
import { fromWire, toWire } from "../../jetstream/stream-settings";
import { UserError } from "../../user-error";
import type { ClusterLink } from "../cluster-link";
import { updateStream, writtenStream } from "../live-streams";

/** What brings messages into a stream, or leads them elsewhere from it. */
const WAYS = ["subjects", "sources", "republish", "subjectTransform"] as const;
const QUIET = 500;
const PATIENCE = 20_000;

/** Whether a stream takes messages from anybody who publishes, so that it has to be closed. */
export function isOpen({ mirror, sealed }: StreamSettings): boolean {
  return mirror === undefined && sealed !== true;
}

/**
 * Closes a stream to publishers and sources, and waits until what was under way has arrived: from
 * here on its messages are those that a snapshot holds. Whoever publishes hears "no responders".
 */
export async function closeStream(link: ClusterLink, info: StreamInfo): Promise<StreamInfo> {
  const live = settingsOf(info);
  if (isOpen(live)) {
    const shut = waysIn({ subjects: [closedSubject(String(live.name))] });
    await updateStream(link, toWire({ ...live, ...shut }));
  }
  return settled(link, String(live.name));
}

/** Opens a stream again, in the ways that `settings` say. */
export async function openStream(link: ClusterLink, settings: StreamSettings): Promise<void> {
  const info = await writtenStream(link, String(settings.name));
  if (info !== undefined) {
    const { sealed } = settings;
    await updateStream(link, toWire({ ...settingsOf(info), ...waysIn(settings), sealed }));
  }
}

/** The ways into a stream that has these settings, those included that it does not have. */
export function waysIn(settings: StreamSettings): StreamSettings {
  return Object.fromEntries(WAYS.map((way) => [way, settings[way]]));
}

async function settled(link: ClusterLink, name: string): Promise<StreamInfo> {
  const deadline = Date.now() + PATIENCE;
  for (let last = await present(link, name); ; ) {
    await new Promise((resolve) => setTimeout(resolve, QUIET));
    const now = await present(link, name);
    if (now.state.last_seq === last.state.last_seq || Date.now() > deadline) {
      return now;
    }
    last = now;
  }
}

async function present(link: ClusterLink, name: string): Promise<StreamInfo> {
  const info = await writtenStream(link, name);
  if (info === undefined) {
    throw new UserError(
      `the stream '${name}' of ${link.where} was deleted by somebody else while it was to be backed up; run the command again.`,
    );
  }
  return info;
}

export function settingsOf({ config }: StreamInfo): StreamSettings {
  return fromWire(config as unknown as Record<string, unknown>);
}
