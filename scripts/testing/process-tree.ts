import { execFileSync } from "node:child_process";

/** A process, and for how long it has run. */
export interface Running {
  readonly pid: number;
  readonly parent: number;
  readonly since: string;
  readonly words: string;
}

/** A process and all that it started and that is still theirs, each after its parent. */
export function processTree(root: number): readonly Running[] {
  return treeOf(root, execFileSync("ps", ["-eo", "pid=,ppid=,etime=,args="], { encoding: "utf8" }));
}

/** @param list - a line a process: its pid, its parent's, for how long it has run, its words */
export function treeOf(root: number, list: string): readonly Running[] {
  const all = list.split("\n").flatMap((line) => {
    const [, pid, parent, since, words] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return words === undefined || since === undefined
      ? []
      : [{ pid: Number(pid), parent: Number(parent), since, words }];
  });
  const below = (parent: number): Running[] =>
    all.filter((one) => one.parent === parent).flatMap((one) => [one, ...below(one.pid)]);
  return [...all.filter((one) => one.pid === root), ...below(root)];
}

/** Kills processes; one that has ended meanwhile is no error. */
export function killAll(processes: readonly Running[]): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  }
}
