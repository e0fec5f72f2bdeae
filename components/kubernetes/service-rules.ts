import type { Problem } from "../jetstream/problems";
import type { Service } from "./manifests";

/**
 * What an API server would refuse of a Service's ports, which a preview does not ask it: names that
 * two ports share, several ports of which one has no name, and one number twice.
 *
 * @param property - where the Service was changed, such as `transform.clientService`
 */
export function servicePortProblems(property: string, { spec }: Service): Problem[] {
  const ports = spec?.ports ?? [];
  const refuse = (reason: string): Problem => ({ property, reason: `'${property}' ${reason}` });
  const numbers = ({ protocol = "TCP", port }: (typeof ports)[number]) => `${port}/${protocol}`;
  const names = ports.map(({ name = "" }) => name);
  const shared = repeated(names.filter((name) => name !== ""));
  const twice = repeated(ports.map(numbers));
  return [
    ...shared.map((name) => {
      const which = ports.filter((one) => one.name === name).map(({ port }) => port);
      return refuse(
        `names the ports ${which.join(" and ")} '${name}': a name stands for one port of a Service; give each its own`,
      );
    }),
    ...(ports.length > 1 && names.includes("")
      ? [refuse("has a port without a name among several: each needs one; give it one")]
      : []),
    ...twice.map((number) =>
      refuse(`has the port ${number} twice: a Service has each once; take one away`),
    ),
  ];
}

function repeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}
