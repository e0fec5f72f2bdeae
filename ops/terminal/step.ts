const TICK = 1_000;
/** Columns of a terminal that does not say how many it has. */
const NARROW = 80;

/**
 * Says what goes on, and for how long, until it has ended. Beside a terminal only the end is told.
 *
 * @param state - what to show of the progress, in one line: `41 %`, or a bar
 */
export async function step<T>(
  title: string,
  work: () => Promise<T>,
  state: () => string = () => "",
): Promise<T> {
  const start = Date.now();
  const seconds = () => Math.round((Date.now() - start) / 1000);
  const isTerminal = process.stderr.isTTY === true;
  const show = () => {
    // A line that wraps would not be overwritten by the next one.
    const line = `${title} ... ${state()} ${seconds()} s`.slice(
      0,
      (process.stderr.columns || NARROW) - 1,
    );
    process.stderr.write(`\r\u001b[K${line}`);
  };
  const timer = isTerminal ? setInterval(show, TICK) : undefined;
  const close = (end: string) =>
    process.stderr.write(`${isTerminal ? "\r\u001b[K" : ""}${title} ... ${end}\n`);
  try {
    const result = await work();
    close(`done in ${seconds()} s`);
    return result;
  } catch (error) {
    close(`failed after ${seconds()} s`);
    throw error;
  } finally {
    clearInterval(timer);
  }
}
