import { keepCompiledCode } from "./start/compiled-code";
import { leaveAside } from "./start/left-aside";
import { projectPackages } from "./start/project-packages";
import { leaveOutTracesOfPromises } from "./start/promise-traces";

/**
 * `nodeargs: --require @tfdc/pulumi-nats/program-start` among the options of `runtime` in a
 * project's Pulumi.yaml: its program starts sooner, because Pulumi loads neither what sends traces,
 * nor what writes functions down, nor what runs Pulumi from a program, until it is asked for, notes
 * no call stack for each promise, and Node keeps what it compiles. As the first import of a program
 * it comes later: what sends traces has been loaded by then.
 */

/** What Pulumi loads for each program, and one that declares resources does not use. */
const UNUSED = ["./automation", "js-yaml", "semver"];

keepCompiledCode(projectPackages(), "program");
leaveAside(UNUSED);
leaveOutTracesOfPromises();
