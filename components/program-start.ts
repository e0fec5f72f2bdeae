import { leaveAside } from "./start/left-aside";

/**
 * `import "@tfdc/pulumi-nats/program-start"` as the first import of a program: it starts sooner,
 * because Pulumi does not load what only writes functions down until the program has it write one.
 */
leaveAside();
