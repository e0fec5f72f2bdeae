/** A set of sequences that mostly follow one another: ranges, ends included, in order of arrival. */
export class Sequences {
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];

  /** Adds a sequence, or those that follow it as well. */
  add(first: number, last = first): void {
    const end = this.ends.length - 1;
    if (end >= 0 && this.ends[end] === first - 1) {
      this.ends[end] = last;
    } else {
      this.starts.push(first);
      this.ends.push(last);
    }
  }

  has(sequence: number): boolean {
    return this.starts.some(
      (start, index) => start <= sequence && sequence <= (this.ends[index] ?? 0),
    );
  }

  /** How many of them lie in a range, ends included. */
  countIn(first: number, last: number): number {
    return this.starts.reduce((sum, start, index) => {
      const [from, to] = [Math.max(start, first), Math.min(this.ends[index] ?? 0, last)];
      return sum + Math.max(0, to - from + 1);
    }, 0);
  }

  /** All of them, in order of arrival. */
  *values(): Generator<number> {
    for (const [index, start] of this.starts.entries()) {
      for (let sequence = start; sequence <= (this.ends[index] ?? 0); sequence++) {
        yield sequence;
      }
    }
  }

  get first(): number | undefined {
    return this.starts.length === 0 ? undefined : this.starts.reduce((a, b) => Math.min(a, b));
  }

  get last(): number | undefined {
    return this.ends.length === 0 ? undefined : this.ends.reduce((a, b) => Math.max(a, b));
  }
}
