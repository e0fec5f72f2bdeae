import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The processes of Pulumi's dynamic provider that work in a folder. */
export function providersIn(folder: string): number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\u0000");
        return (
          words.some((word) => /cmd\/dynamic-provider|provider-start\.js$/.test(word)) &&
          (words[0] ?? "").endsWith("node") &&
          readlinkSync(`/proc/${pid}/cwd`) === folder
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}
