/** Waits until something holds; what it was last, where it never does. */
export async function eventually<T>(
  look: () => T | Promise<T>,
  holds: (value: T) => boolean,
  within = 15_000,
): Promise<T> {
  const end = Date.now() + within;
  for (;;) {
    const value = await look();
    if (holds(value) || Date.now() > end) {
      return value;
    }
    await new Promise((done) => setTimeout(done, 50));
  }
}
