import { versionLeft } from "../jetstream/coming-version";
import type { ClusterLink } from "./cluster-link";

/** The versions of a cluster's servers, by the server that answered and what it ran then. */
const known = new WeakMap<ClusterLink, Map<string, Promise<readonly string[]>>>();

/**
 * The version that a cluster leaves for another one. After an update that stopped half way its servers
 * run several, and whichever of them answers is left to chance: all of them are asked.
 */
export async function versionLeftFor(link: ClusterLink, coming: string): Promise<string> {
  return versionLeft([link.serverVersion, ...(await runningVersions(link))], coming);
}

/** Asked once for every server that the connection is with: each restarts on the way. */
export function runningVersions(link: ClusterLink): Promise<readonly string[]> {
  const answers = known.get(link) ?? new Map<string, Promise<readonly string[]>>();
  known.set(link, answers);
  const key = `${link.serverName} ${link.serverVersion}`;
  const asked = answers.get(key) ?? askVersions(link);
  answers.set(key, asked);
  return asked;
}

async function askVersions({ system, clusterName }: ClusterLink): Promise<readonly string[]> {
  try {
    return (await system?.versionsOf(clusterName)) ?? [];
  } catch {
    // Nobody may be asked there, or nobody answers: what the connection says is all there is.
    return [];
  }
}
