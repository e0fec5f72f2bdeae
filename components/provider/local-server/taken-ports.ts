import { UserError } from "../../user-error";
import { holderOf, isListening } from "./server-process";
import type { ServerProps } from "./server-props";
import { until } from "./until";

const PATIENCE = 1_000;

/** Refuses to start a server one of whose ports somebody else holds, and names who it is. */
export async function refuseTakenPorts(props: ServerProps): Promise<void> {
  const { name, restartOnly, peers } = props;
  const ports: (readonly [string, number])[] = [
    ["clientPort", restartOnly.clientPort],
    ["monitoringPort", restartOnly.monitoringPort],
    ...(peers.length > 1 ? [["clusterPort", restartOnly.clusterPort] as const] : []),
  ];
  for (const [option, port] of ports) {
    // A process that ends is gone from the list a moment before its ports are free.
    const isFree = async () => !(await isListening(restartOnly.host, port));
    if (!(await until(PATIENCE, isFree))) {
      throw new UserError(
        `${name} cannot start: its ${option} ${port} on ${restartOnly.host} is held by ${holderOf(port)}; stop that process, or give the colour other ports: pulumi config set tfdc-nats:${option} <first free port>.`,
      );
    }
  }
}
