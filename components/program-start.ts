import { keepCompiledCode } from "./start/compiled-code";
import { leaveAside } from "./start/left-aside";
import { projectPackages } from "./start/project-packages";
import { leaveOutTracesOfPromises } from "./start/promise-traces";

/**
 * `import "@tfdc/pulumi-nats/program-start"` as the first import of a program: it starts sooner,
 * because Pulumi loads neither what writes functions down nor what runs Pulumi from a program until
 * the program asks for it, notes no call stack for each promise, and Node keeps what it compiles.
 */

/** What `import "@pulumi/pulumi"` loads and a program that declares resources does not use. */
const UNUSED = ["./automation"];

keepCompiledCode(projectPackages(), "program");
leaveAside(UNUSED);
leaveOutTracesOfPromises();
