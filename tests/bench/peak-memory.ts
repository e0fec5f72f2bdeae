import { readdirSync, readFileSync } from "node:fs";

const LOOK = 250;
const PAGE = 4096;

/** The most memory that all processes which this one has started held together, as seen now and then. */
export class PeakMemory {
  private peak = 0;
  private readonly before = new Set(descendants().map(({ pid }) => pid));
  private readonly timer = setInterval(() => this.look(), LOOK);

  /** Watches the processes that are started from now on. */
  static ofChildren(): PeakMemory {
    return new PeakMemory();
  }

  /** Ends the watch and says how much it was, in megabytes. */
  stop(): number {
    clearInterval(this.timer);
    return Math.round(this.peak / 1_000_000);
  }

  private look(): void {
    const bytes = descendants()
      .filter(({ pid }) => !this.before.has(pid))
      .reduce((sum, one) => sum + one.bytes, 0);
    this.peak = Math.max(this.peak, bytes);
  }
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly bytes: number;
}

function descendants(): Process[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap(processOf);
  const found = new Set([process.pid]);
  for (let known = 0; known !== found.size; ) {
    known = found.size;
    for (const { pid, parent } of all) {
      if (found.has(parent)) {
        found.add(pid);
      }
    }
  }
  return all.filter(({ pid }) => found.has(pid) && pid !== process.pid);
}

function processOf(name: string): Process[] {
  try {
    const [, after = ""] = /\) \S (.*)/s.exec(readFileSync(`/proc/${name}/stat`, "utf8")) ?? [];
    const [, pages = "0"] = readFileSync(`/proc/${name}/statm`, "utf8").split(" ");
    return [
      { pid: Number(name), parent: Number(after.split(" ")[0]), bytes: Number(pages) * PAGE },
    ];
  } catch {
    // It has ended meanwhile.
    return [];
  }
}
