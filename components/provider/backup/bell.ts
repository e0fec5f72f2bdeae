/** Ends the wait of the one who waits, as soon as there is something. */
export class Bell {
  private wake: () => void = () => undefined;

  ring(): void {
    this.wake();
  }

  /** Waits until it rings, and no longer than this. */
  async heard(within: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, within);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = () => undefined;
  }
}
