import type { Cluster } from "../cluster/cluster";
import type { Examination } from "../health/examine";
import { counted } from "../health/finding";
import type { Observation } from "../observe/observation";
import { streamsByLeader } from "../observe/observation";
import { compareClusters } from "../parity/compare";

/**
 * Why clients should not be sent to a colour: it is not healthy, or it is not what they come from.
 *
 * @param from - the colour that is active now; nothing where there is none
 */
export function objections(
  to: Examination,
  from: { readonly cluster: Cluster; readonly observation: Observation } | undefined,
): string[] {
  const { cluster, observation, found } = to;
  const sick = found.map(
    ({ what, remedy }) => `${cluster.name} is not healthy: ${what}; ${remedy}`,
  );
  if (from === undefined) {
    return sick;
  }
  const differences = compareClusters(
    streamsByLeader(from.observation),
    streamsByLeader(observation),
  );
  const names = [...new Set(differences.map(({ name }) => name))];
  return [
    ...sick,
    ...(differences.length === 0
      ? []
      : [
          `${from.cluster.name} and ${cluster.name} are not equal: ${counted(differences.length, "difference")} in ${names.join(", ")}; see tfdc-nats parity ${from.cluster.name} ${cluster.name}`,
        ]),
  ];
}
