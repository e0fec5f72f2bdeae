/** How many of the others come after a long one. */
const BETWEEN = 6;

/**
 * Has the long ones come early, and not side by side: each installs packages and brings clusters up
 * for minutes, and three of them at once leave the clusters of none enough of a processor.
 */
export function spread<T>(all: readonly T[], isLong: (one: T) => boolean): T[] {
  const others = all.filter((one) => !isLong(one));
  const begun = all
    .filter(isLong)
    .flatMap((one, index) => [one, ...others.slice(index * BETWEEN, (index + 1) * BETWEEN)]);
  return [...begun, ...others.filter((one) => !begun.includes(one))];
}
