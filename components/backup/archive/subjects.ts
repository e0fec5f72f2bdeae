import type { Sequences } from "./sequences";

/** Beyond these the counts would take more memory than a backup may. */
const MOST_MESSAGES = 1 << 22;
const MOST_SUBJECTS = 100_000;

/** The subject of every message of an archive, in order of arrival: four bytes a message. */
export class Subjects {
  private readonly names: string[] = [];
  private order = new Uint32Array(1024);
  private length = 0;
  private isTooMuch = false;

  /** How many are told apart; none where there are too many already. */
  get most(): number {
    return this.isTooMuch ? 0 : MOST_SUBJECTS;
  }

  /**
   * @param names - subjects with the next numbers
   * @param numbers - of the subjects of the messages whose sequences were added to the sequences just now
   */
  add(names: readonly string[], numbers: Uint32Array): void {
    if (this.isTooMuch) {
      return;
    }
    this.names.push(...names);
    const length = this.length + numbers.length;
    if (this.names.length > MOST_SUBJECTS || length > MOST_MESSAGES) {
      this.isTooMuch = true;
      this.names.length = 0;
      this.order = new Uint32Array(0);
      return;
    }
    if (length > this.order.length) {
      const larger = new Uint32Array(Math.max(length, 2 * this.order.length));
      larger.set(this.order.subarray(0, this.length));
      this.order = larger;
    }
    this.order.set(numbers, this.length);
    this.length = length;
  }

  /**
   * How many messages each subject has, of those that are chosen; `undefined` where there are too
   * many messages or subjects to tell.
   *
   * @param sequences - of the same messages, in the same order
   */
  counts(
    sequences: Sequences,
    isChosen: (sequence: number) => boolean,
  ): ReadonlyMap<string, number> | undefined {
    if (this.isTooMuch) {
      return undefined;
    }
    const sums = new Uint32Array(this.names.length);
    let at = 0;
    for (const sequence of sequences.values()) {
      if (isChosen(sequence)) {
        const number = this.order[at] ?? 0;
        sums[number] = (sums[number] ?? 0) + 1;
      }
      at += 1;
    }
    const counts = new Map<string, number>();
    for (const [number, subject] of this.names.entries()) {
      const count = sums[number] ?? 0;
      if (count > 0) {
        counts.set(subject, (counts.get(subject) ?? 0) + count);
      }
    }
    return counts;
  }
}
