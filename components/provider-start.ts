import { createRequire } from "node:module";
import { keepCompiledCode } from "./start/compiled-code";
import { answerFirst, answersIn } from "./start/first-answers";
import { leaveAside } from "./start/left-aside";
import { type Grpc, listenNextOn } from "./start/listening-port";
import { projectPackages, projectRequire } from "./start/project-packages";

/**
 * What starts Pulumi's provider for the dynamic resources of a project whose Pulumi.yaml names the
 * folder `provider-start`, in place of Pulumi's own `pulumi-resource-pulumi-nodejs`. The provider is
 * the same; it is ready much sooner, because it loads 125 modules instead of 765, has Node keep
 * what it compiles, and loads nothing until it is used. Pulumi starts a provider twice in each
 * preview, once to refresh; the second one is never used where the stack's configuration is the same.
 */

/** What a provider asks for at once and needs for nothing that it does. */
const UNUSED = ["@opentelemetry/api", "semver"];
const PROVIDER = "@pulumi/pulumi/cmd/dynamic-provider";

const project = projectRequire();
const answers = answersIn(project);
if (answers === undefined) {
  loadProvider();
} else {
  answerFirst(answers, (port, listening) =>
    loadProvider(() => {
      const grpc = createRequire(project.resolve(PROVIDER))("@grpc/grpc-js") as Grpc;
      listenNextOn(port, grpc, listening);
    }),
  );
}

/** @param prepare - what is done just before, when little is loaded already */
function loadProvider(prepare = () => {}): void {
  keepCompiledCode(projectPackages(), "provider");
  leaveAside(UNUSED);
  prepare();
  project(PROVIDER);
}
