/** A set of sequences that mostly follow one another: ranges, ends included, in order of arrival. */
export class Sequences {
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];

  add(sequence: number): void {
    const last = this.ends.length - 1;
    if (last >= 0 && this.ends[last] === sequence - 1) {
      this.ends[last] = sequence;
    } else {
      this.starts.push(sequence);
      this.ends.push(sequence);
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
