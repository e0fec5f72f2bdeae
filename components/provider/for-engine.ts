import { UserError } from "../user-error";
import type { DynamicProvider } from "./dynamic-provider";

/**
 * The same provider, whose refusals read well in the engine. For some calls Pulumi's host prints
 * `${error}: ${error.stack}` beside the message that the engine prints with the resource; for an
 * error that the user can mend, one short line stands there instead of the whole story again.
 */
export function forEngine(provider: DynamicProvider): DynamicProvider {
  return {
    configure: (request) => provider.configure(request),
    check: (olds, news) => presented(() => provider.check(olds, news)),
    diff: (id, olds, news) => presented(() => provider.diff(id, olds, news)),
    create: (inputs) => presented(() => provider.create(inputs)),
    read: (id, props) => presented(() => provider.read(id, props)),
    update: (id, olds, news) => presented(() => provider.update(id, olds, news)),
    delete: (id, props) => presented(() => provider.delete(id, props)),
  };
}

async function presented<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof UserError) {
      error.stack = "the reason is given with the resource";
      error.toString = () => "refused";
    }
    throw error;
  }
}
