import { UserError } from "@tfdc/pulumi-nats/internal/user-error";

/** The command line names something that is not there, or that makes no sense together. */
export class UsageError extends UserError {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "UsageError";
  }
}
