const isTerminal = process.stderr.isTTY === true;

/** Says what is going on, and for how long, until it has ended; quick steps leave no trace. */
export async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
  const start = Date.now();
  let isShown = false;
  const show = () => {
    isShown = true;
    const line = `${title} ... ${elapsed(start)} s`;
    process.stderr.write(isTerminal ? `\r${line}` : `${line}\n`);
  };
  const timer = setInterval(show, isTerminal ? 1000 : 30_000);
  try {
    const result = await work();
    if (isShown || elapsed(start) > 0) {
      process.stderr.write(`${isTerminal ? "\r" : ""}${title} ... done in ${elapsed(start)} s\n`);
    }
    return result;
  } catch (error) {
    if (isShown && isTerminal) {
      process.stderr.write("\n");
    }
    throw error;
  } finally {
    clearInterval(timer);
  }
}

function elapsed(start: number): number {
  return Math.round((Date.now() - start) / 1000);
}
