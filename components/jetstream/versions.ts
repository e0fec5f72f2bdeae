/** Reads the numbers of a server's version: `"2.12.8-fips"` → `[2, 12, 8]`. */
function numbers(version: string): readonly number[] {
  return (/\d+(\.\d+)*/.exec(version)?.[0] ?? "0").split(".").map(Number);
}

/** Whether a server of `version` is older than `other`. */
export function isOlder(version: string, other: string): boolean {
  const [left, right] = [numbers(version), numbers(other)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) {
      return difference < 0;
    }
  }
  return false;
}

/**
 * Whether a server of this version can lose a whole stream on kill -9 of a few servers, even with
 * three replicas. Fixed in 2.10.23.
 *
 * @see https://github.com/nats-io/nats-server/issues/6888
 */
export function losesStreamsOnKill(version: string): boolean {
  return !isOlder(version, "2.10.20") && isOlder(version, "2.10.23");
}
