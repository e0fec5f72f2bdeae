import { UserError } from "../../components/user-error";
import { codeOf, Interrupted } from "../toolchain/processes";

/** Runs a command: what the user can mend is one paragraph, a bug keeps its stack. */
export function runMain(main: () => Promise<number>): void {
  main().then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      if (error instanceof Interrupted) {
        process.stderr.write("\nInterrupted. Run it again to go on from here.\n");
        process.exitCode = codeOf(error.signal);
        return;
      }
      process.stderr.write(
        error instanceof UserError ? `\n${error.message}\n` : `${(error as Error).stack}\n`,
      );
      process.exitCode = 1;
    },
  );
}
