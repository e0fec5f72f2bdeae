/** How many tests did what. */
export interface Counts {
  readonly passes: number;
  readonly failures: number;
  readonly pending: number;
}

/** The counts of each test file; what belongs to no file stands under "". */
export type FileCounts = Readonly<Record<string, Counts>>;

const NONE: Counts = { passes: 0, failures: 0, pending: 0 };

export function sumCounts(counts: readonly Counts[]): Counts {
  return counts.reduce(
    (sum, { passes, failures, pending }) => ({
      passes: sum.passes + passes,
      failures: sum.failures + failures,
      pending: sum.pending + pending,
    }),
    NONE,
  );
}

/** A run that ends badly without a failed test counts as one failure. */
export function endedWith(code: number, counts: FileCounts): FileCounts {
  const { failures } = sumCounts(Object.values(counts));
  return code === 0 || failures > 0 ? counts : { ...counts, "": { ...NONE, failures: 1 } };
}

/** More files than these do not fail by chance. */
const MOST_SECOND_RUNS = 3;

/**
 * The files that get a second run, by themselves and with servers of their own: those with failures,
 * where they are few. Real clusters on a machine that is short of processors can lose an answer.
 */
export function secondRunOf(first: FileCounts): readonly string[] {
  const failed = Object.keys(first).filter((file) => (first[file]?.failures ?? 0) > 0);
  return failed.length > MOST_SECOND_RUNS || failed.includes("") ? [] : failed;
}

/** The counts once the second run is over, and the files that only passed in it. */
export function afterSecondRun(
  first: FileCounts,
  second: FileCounts,
): { readonly counts: FileCounts; readonly onlySecond: readonly string[] } {
  const onlySecond = secondRunOf(first).filter((file) => second[file]?.failures === 0);
  return { counts: { ...first, ...second }, onlySecond };
}
