import * as pulumi from "@pulumi/pulumi";

/** A resource as a program registered it. */
export interface Registration {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** The mark of a secret in what is sent to the engine. */
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** A value as the engine gets it where it is a secret. */
export function secret(value: unknown): unknown {
  return { [SIGNATURE]: SECRET, value };
}

/**
 * Puts a recorder in the engine's place; the list it returns fills as resources register.
 *
 * @param states - what resources have as outputs besides their inputs, by name
 */
export async function recordRegistrations(
  project: string,
  stack: string,
  states: Readonly<Record<string, object>> = {},
): Promise<Registration[]> {
  const registered: Registration[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        registered.push({ type, name, inputs });
        return { id: `id of ${name}`, state: { ...inputs, ...states[name] } };
      },
      call: ({ token }) => {
        throw new Error(`nothing is to be called, but ${token} was`);
      },
    },
    project,
    stack,
  );
  return registered;
}

/** Waits until these resources are registered, and returns the value that an output has then. */
export function resolved<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}

/** Waits until all of these resources are registered. */
export async function registeredAll(resources: readonly pulumi.Resource[]): Promise<void> {
  await Promise.all(resources.map(({ urn }) => resolved(urn)));
}
