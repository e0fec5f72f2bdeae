import { answering, type Observation } from "../observe/observation";
import { counted, type Finding, listed, verb } from "./finding";
import { killRemedy, type Subject } from "./subject";

/** The check that needs two looks. */
export const STANDS = "meta-applied";

/**
 * What the meta group agreed on and servers do not carry out. Such a server calls itself healthy
 * where it is the meta leader, is current for the others, and answers every request about streams
 * as things were when it stopped.
 */
export function metaFindings(subject: Subject): Finding[] {
  const { observation, before } = subject;
  const stuck =
    before === undefined
      ? []
      : answering(observation).flatMap(({ name, meta }) =>
          meta !== undefined && standing(before.observation, name) === meta.applied
            ? [{ name, waiting: meta.committed - meta.applied }]
            : [],
        );
  if (before === undefined || stuck.length === 0) {
    return [];
  }
  const names = stuck.map(({ name }) => name);
  const most = Math.max(...stuck.map(({ waiting }) => waiting));
  return [
    {
      check: STANDS,
      severity: "critical",
      what: `${listed(names)} ${verb(names, "has", "have")} carried out nothing for ${before.seconds} s of what the meta group agreed on (up to ${counted(most, "decision")}): streams and consumers are neither made nor deleted there`,
      remedy: killRemedy(subject, names),
    },
  ];
}

/** Whether any server has yet to carry out what it knows was agreed on; a moment of that is usual. */
export function isBehind(observation: Observation): boolean {
  return observation.servers.some(
    ({ meta }) => meta !== undefined && meta.applied < meta.committed,
  );
}

/** Where a server that was behind stood. */
function standing({ servers }: Observation, server: string): number | undefined {
  const meta = servers.find(({ name }) => name === server)?.meta;
  return meta !== undefined && meta.applied < meta.committed ? meta.applied : undefined;
}
