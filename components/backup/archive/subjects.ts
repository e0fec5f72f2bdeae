import type { Sequences } from "./sequences";

/** Beyond these the counts would take more memory than a backup may. */
const MOST_MESSAGES = 1 << 22;
const MOST_SUBJECTS = 100_000;

/** The subject of every message of an archive, in order of arrival: four bytes a message. */
export class Subjects {
  private readonly numbers = new Map<string, number>();
  private order = new Uint32Array(1024);
  private length = 0;
  private isTooMuch = false;

  /** @param subject - of the message whose sequence was added to the sequences just now */
  add(subject: string): void {
    if (this.isTooMuch) {
      return;
    }
    let number = this.numbers.get(subject);
    if (number === undefined) {
      number = this.numbers.size;
      this.numbers.set(subject, number);
    }
    if (this.numbers.size > MOST_SUBJECTS || this.length === MOST_MESSAGES) {
      this.isTooMuch = true;
      this.numbers.clear();
      this.order = new Uint32Array(0);
      return;
    }
    if (this.length === this.order.length) {
      const larger = new Uint32Array(2 * this.length);
      larger.set(this.order);
      this.order = larger;
    }
    this.order[this.length] = number;
    this.length += 1;
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
    const sums = new Uint32Array(this.numbers.size);
    let at = 0;
    for (const sequence of sequences.values()) {
      if (isChosen(sequence)) {
        const number = this.order[at] ?? 0;
        sums[number] = (sums[number] ?? 0) + 1;
      }
      at += 1;
    }
    return new Map(
      [...this.numbers]
        .map(([subject, number]) => [subject, sums[number] ?? 0] as const)
        .filter(([, count]) => count > 0),
    );
  }
}
