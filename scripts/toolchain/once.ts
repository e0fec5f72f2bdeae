import { mkdir } from "node:fs/promises";
import lockfile from "proper-lockfile";
import { step } from "../terminal/progress";

const HELD = { stale: 30_000, update: 5_000, onCompromised: () => {} };

/**
 * Does something in a folder that two checkouts share, one at a time. The lock spares work and no
 * more: a machine that slept while it was held loses it, and both then install the same files,
 * each by a rename.
 *
 * @param program - what the waiting checkout is told that it waits for
 */
export async function onceIn(
  folder: string,
  program: string,
  work: () => Promise<void>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const release = await lockfile.lock(folder, HELD).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ELOCKED") {
      throw error;
    }
    // A build takes minutes, so whoever comes second waits for it and says why.
    return step(`${program}: waiting for another checkout that is getting it`, () =>
      lockfile.lock(folder, {
        ...HELD,
        retries: { forever: true, minTimeout: 500, maxTimeout: 2_000 },
      }),
    );
  });
  try {
    await work();
  } finally {
    // A lock that was lost meanwhile cannot be given back.
    await release().catch(() => {});
  }
}
