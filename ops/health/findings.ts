import { clusterFindings } from "./cluster-findings";
import type { Finding } from "./finding";
import { metaFindings } from "./meta-findings";
import { serverFindings } from "./server-findings";
import { streamFindings } from "./stream-findings";
import type { Subject } from "./subject";

/** Everything that is wrong with a cluster, the worst first; nothing for a healthy one. */
export function findings(subject: Subject): Finding[] {
  const all = [
    ...serverFindings(subject),
    ...clusterFindings(subject),
    ...metaFindings(subject),
    ...streamFindings(subject),
  ];
  return [
    ...all.filter(({ severity }) => severity === "critical"),
    ...all.filter(({ severity }) => severity === "warning"),
  ];
}
