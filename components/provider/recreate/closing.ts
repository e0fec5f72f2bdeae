import type { StreamInfo } from "@nats-io/jetstream";
import { closedSubject } from "../../backup/recreation";
import type { StreamSettings } from "../../jetstream/stream-fields";
import { fromWire, toWire } from "../../jetstream/stream-settings";
import type { ClusterLink } from "../cluster-link";
import { updateStream, writtenStream } from "../live-streams";
import { mustBe, type Work } from "./work";

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
export async function closeStream(work: Work): Promise<StreamInfo> {
  const live = settingsOf(await mustBe(work));
  if (isOpen(live)) {
    const shut = waysIn({ subjects: [closedSubject(String(live.name))] });
    await updateStream(work.link, toWire({ ...live, ...shut }));
  }
  return settled(work);
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

async function settled(work: Work): Promise<StreamInfo> {
  const deadline = Date.now() + PATIENCE;
  for (let last = await mustBe(work); ; ) {
    await new Promise((resolve) => setTimeout(resolve, QUIET));
    const now = await mustBe(work);
    if (now.state.last_seq === last.state.last_seq || Date.now() > deadline) {
      return now;
    }
    last = now;
  }
}

export function settingsOf({ config }: StreamInfo): StreamSettings {
  return fromWire(config as unknown as Record<string, unknown>);
}
