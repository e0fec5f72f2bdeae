import Module, { createRequire } from "node:module";
import { join } from "node:path";

/**
 * What starts Pulumi's provider for the dynamic resources of a project whose Pulumi.yaml names the
 * folder `provider-start`, in place of Pulumi's own `pulumi-resource-pulumi-nodejs`. The provider is
 * the same; it is ready in half the time, because it leaves two packages aside until they are asked
 * for. Pulumi starts a provider twice in each preview, once to refresh.
 */

/**
 * Packages that Pulumi loads in every process and needs only where it writes a function of the
 * program down as text, which a provider never does: TypeScript and the resolver of npm, 450 of
 * Pulumi's 780 modules.
 */
const LEFT_ASIDE = new Set(["typescript", "@npmcli/arborist"]);

interface Loader {
  _load?: (request: string, ...rest: unknown[]) => unknown;
}

/** Has those packages loaded when something of them is asked for. */
function leaveAside(): void {
  const loader = Module as Loader;
  const load = loader._load;
  // Not documented, though many depend on it: without it everything is loaded at once.
  if (load === undefined) {
    return;
  }
  loader._load = function (this: unknown, request, ...rest) {
    const all = () => load.call(this, request, ...rest);
    return LEFT_ASIDE.has(request) ? later(all) : all();
  };
}

function later(load: () => unknown): unknown {
  let loaded: object | undefined;
  const module = () => {
    loaded ??= load() as object;
    return loaded;
  };
  return new Proxy(
    {},
    {
      // An import that wants a copy of a package's names would ask for all of them.
      get: (_, name) => (name === "__esModule" ? true : Reflect.get(module(), name)),
      has: (_, name) => Reflect.has(module(), name),
    },
  );
}

leaveAside();
createRequire(join(process.cwd(), "index.js"))("@pulumi/pulumi/cmd/dynamic-provider");
