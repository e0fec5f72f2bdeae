import type { ResourceRequirements } from "./manifests";
import { parseQuantity } from "./quantity";

const SHARE = 80n;

/**
 * `GOMEMLIMIT` for a container: four fifths of its memory limit, in the unit that Go reads. From
 * there on Go collects garbage harder, before the kernel kills the server. `undefined` without a
 * limit.
 */
export function goMemoryLimitOf({ limits }: ResourceRequirements): string | undefined {
  const bytes = limits?.memory === undefined ? undefined : parseQuantity(limits.memory);
  return bytes === undefined ? undefined : `${(bytes * SHARE) / 100n / (1n << 20n)}MiB`;
}
