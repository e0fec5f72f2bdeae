import { UserError } from "../../components/user-error";
import { step } from "../terminal/progress";
import { Interrupted } from "./processes";

/** One way to have a program. It throws where it does not work here. */
export interface Way {
  /** What it does, as progress and errors name it: `downloading the release`. */
  readonly title: string;
  attempt(): Promise<void>;
}

/**
 * Has a program by the first way that works. Where none does, one error tells what was tried, why
 * it failed, and how else the program can be had.
 */
export async function firstThatWorks(
  program: string,
  ways: readonly Way[],
  otherwise: string,
): Promise<void> {
  const failures: string[] = [];
  for (const { title, attempt } of ways) {
    try {
      await step(`${program}: ${title}`, attempt);
      return;
    } catch (error) {
      if (error instanceof Interrupted) {
        throw error;
      }
      failures.push(`${title} (${reasonOf(error)})`);
    }
  }
  throw new UserError(
    `${program} is not on this machine and could not be had. Tried: ${failures.join("; ")}. ${otherwise}`,
  );
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return `${error.message}${cause}`;
}
