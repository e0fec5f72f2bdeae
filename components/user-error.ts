/**
 * A failure that the user can mend: bad input, an unreachable server, a refusal. Its message is
 * one paragraph (what failed, where, why, what to do) and is printed without a stack, because a
 * stack of ours tells the user nothing. Any other error is a bug and keeps its stack.
 */
export class UserError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "UserError";
    this.stack = message;
  }
}
