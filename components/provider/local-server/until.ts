/** Asks again and again until the answer is yes or the time is up. Returns the last answer. */
export async function until(within: number, isDone: () => Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + within;
  for (;;) {
    const done = await isDone();
    if (done || Date.now() > deadline) {
      return done;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
