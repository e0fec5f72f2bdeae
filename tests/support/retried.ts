/** Asks until there is an answer: a cluster that elects, or is busy, leaves requests without one. */
export async function retried<T>(ask: () => Promise<T>, times = 20): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await ask();
    } catch (error) {
      if (tried === times) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
