import type { Problem } from "../jetstream/problems";
import { textHash } from "../nats-server/conf-parts";
import { quote } from "../nats-server/conf-value";
import { passwordProblem, passwordProblems, renderCredentials } from "../nats-server/nats-conf";
import type { Passwords } from "../nats-server/server-options";
import { PORTS, podHosts } from "./names";
import { CREDENTIALS_MARK, CREDENTIALS_MARK_VARIABLE } from "./nats-options";
import type { ColourSettings } from "./settings";

/** The file that nats.conf includes, and its mark. */
export interface Credentials {
  readonly text: string;
  /**
   * Changes with any password and any route. It is taken over all of them at once, so that it
   * gives none of them away unless all are known.
   */
  readonly mark: string;
}

/** Passwords of the users beside the package's own, by variable. */
export type ExtraPasswords = Readonly<Record<string, string>>;

/** The credentials of a colour. */
export function colourCredentials(
  settings: ColourSettings,
  passwords: Passwords,
  extra: ExtraPasswords,
): Credentials {
  const routes =
    settings.replicas === 1 ? [] : podHosts(settings).map((host) => `${host}:${PORTS.cluster}`);
  const text = renderCredentials(passwords, routes, extra);
  const mark = textHash(text);
  return {
    text: `${text}${CREDENTIALS_MARK_VARIABLE}: ${quote(`${CREDENTIALS_MARK}.${mark}`)}\n`,
    mark,
  };
}

/** What is wrong with passwords; their values are never shown. */
export function credentialProblems(
  passwords: Passwords,
  extra: ExtraPasswords,
  properties: Readonly<Record<string, string>>,
): Problem[] {
  return [
    ...passwordProblems(passwords),
    ...Object.entries(extra).flatMap(([variable, password]) =>
      passwordProblem(properties[variable] ?? variable, password),
    ),
  ];
}
