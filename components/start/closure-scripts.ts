import type { Session } from "node:inspector";
import type { Members, Way } from "./left-aside";

/** Where Pulumi asks for the part of it that knows each function's file. */
const FROM_START = "../../runtime/closure/v8Hooks";
const FROM_CLOSURES = "./v8Hooks";

/**
 * Has Pulumi look at a program's scripts when a function is written down, and not before anything
 * else: Node's debugger names each of them to it, which takes 60 ms of a small program. Scripts that
 * were loaded before are named again then.
 */
export const SCRIPTS_LATER: readonly (readonly [request: string, Way])[] = [
  [FROM_START, (hooks, name) => (name === "isInitializedAsync" ? async () => {} : hooks()[name])],
  [
    FROM_CLOSURES,
    (hooks, name) => (name === "getSessionAsync" ? () => withAllScripts(hooks()) : hooks()[name]),
  ],
];

const announced = new WeakSet<Session>();

/** Pulumi listens only after it has switched the debugger on, which tells of older scripts once. */
async function withAllScripts(hooks: Members): Promise<Session> {
  const session = await (hooks.getSessionAsync as () => Promise<Session>)();
  if (!announced.has(session)) {
    announced.add(session);
    session.post("Debugger.disable");
    session.post("Debugger.enable");
  }
  return session;
}
