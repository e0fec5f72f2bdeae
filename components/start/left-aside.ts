import Module from "node:module";
import { SCRIPTS_LATER } from "./closure-scripts";
import { OF_PULUMI } from "./of-pulumi";

interface Parent {
  readonly filename?: string | null;
}

/** What of Node loads modules. It is not documented, though many depend on it. */
interface Loader {
  _load?: (request: string, parent: Parent | undefined, ...rest: unknown[]) => unknown;
}

/** What a module exports. */
export type Members = Readonly<Record<string | symbol, unknown>>;

/**
 * What writes a function of the program down as text, by the words that Pulumi asks for it with:
 * TypeScript, the resolver of npm and, by a detour, every other part of Pulumi. Only programs that
 * make dynamic resources of their own need it.
 */
const CLOSURES = ["./closure/serializeClosure", "./closure/codePaths"];

/** What sends traces of a program, of which each part is one function or class. */
const TRACING = /[\\/]cmd[\\/]run[\\/]tracing\.js$/;
const SENDS_TRACES = /^@opentelemetry\/(?!api$)/;

/**
 * Has what writes functions down, what sends traces, and packages, loaded when it is used instead of
 * when Pulumi's own files ask for it. Where Node's loader has changed, everything is loaded at once,
 * as before.
 */
export function leaveAside(packages: readonly string[] = []): void {
  const loader = Module as Loader;
  const load = loader._load;
  if (load === undefined) {
    return;
  }
  const ways = new Map<string, Way>([
    ...SCRIPTS_LATER,
    ...CLOSURES.map((request) => [request, laterMember] as const),
    ...packages.map((request) => [request, laterValue] as const),
  ]);
  loader._load = function (this: unknown, request, parent, ...rest) {
    const all = () => load.call(this, request, parent, ...rest) as Members;
    const asking = parent?.filename ?? "";
    const isTracing = SENDS_TRACES.test(request) && TRACING.test(asking);
    const way = isTracing ? laterMember : ways.get(request);
    return way !== undefined && OF_PULUMI.test(asking) ? later(all, way) : all();
  };
}

/** What one name of a module is while the module is not loaded. */
export type Way = (module: () => Members, name: string | symbol) => unknown;

/** Pulumi keeps these functions and classes by their names at once, so each loads when it is called. */
const laterMember: Way = (module, name) => {
  type Call = (...words: unknown[]) => unknown;
  type Class = new (...words: unknown[]) => object;
  return new Proxy(class {} as Class, {
    apply: (_, self, words) => Reflect.apply(module()[name] as Call, self, words),
    construct: (_, words) => Reflect.construct(module()[name] as Class, words),
  });
};

const laterValue: Way = (module, name) => module()[name];

function later(load: () => Members, way: Way): unknown {
  let loaded: Members | undefined;
  const module = () => {
    loaded ??= load();
    return loaded;
  };
  return new Proxy(
    {},
    // An import that wants a copy of a package's names would ask for all of them.
    { get: (_, name) => (name === "__esModule" ? true : way(module, name)) },
  );
}
