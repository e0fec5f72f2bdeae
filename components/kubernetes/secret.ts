import type { Secret } from "./manifests";
import { metadata } from "./metadata";
import { CREDENTIALS_FILE, namesOf } from "./names";
import type { ColourSettings } from "./settings";

/** The passwords as the servers include them. */
export function credentialsSecret(settings: ColourSettings, credentials: string): Secret {
  return secret(settings, namesOf(settings).credentials, { [CREDENTIALS_FILE]: credentials });
}

/** What an application needs to log in; it can be mounted without the other passwords. */
export function loginSecret(
  settings: ColourSettings,
  login: { readonly url: string; readonly user: string; readonly password: string },
): Secret {
  return secret(settings, namesOf(settings).login, { ...login });
}

/** `data` and not `stringData`: what the API server keeps is what drift is compared with. */
function secret(settings: ColourSettings, name: string, texts: Record<string, string>): Secret {
  const data = Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString("base64")]),
  );
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: metadata(settings, name),
    type: "Opaque",
    data,
  };
}
