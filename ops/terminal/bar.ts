import { readable } from "../health/finding";

const WIDTH = 24;

/**
 * How far a transfer has come, as a bar, in percent and in bytes.
 *
 * @param isEstimate - the total is only about right, and may be passed
 */
export function transferBar(done: number, total: number, isEstimate = false): string {
  const part = total > 0 ? Math.min(1, done / total) : 0;
  const full = Math.floor(part * WIDTH);
  const percent = String(Math.floor(part * 100)).padStart(3);
  const bar = `${"█".repeat(full)}${"░".repeat(WIDTH - full)}`;
  return `${bar} ${percent} %  ${readable(done)} of ${isEstimate ? "about " : ""}${readable(total)}`;
}
