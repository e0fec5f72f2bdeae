/** How the command ends: what a script or a CI job can act on. */
export const EXIT = {
  /** Everything is as it should be, or was done. */
  good: 0,
  /** A problem was found, or what was asked for could not be done. */
  problem: 1,
  /** The command line itself makes no sense. */
  usage: 2,
  /** Nobody could be asked: no server answered, or none let this user in. */
  unreachable: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The same for the help. */
export const EXIT_CODES =
  "Exit codes: 0 good, 1 a problem was found, 2 usage, 3 no server could be reached.";
