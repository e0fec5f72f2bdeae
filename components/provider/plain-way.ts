import type { ConnectionOptions, NatsConnection } from "nats";

/** How another connection is made to the server that a client is with, without the client. */
export interface PlainWay {
  readonly host: string;
  readonly port: number;
  /** What shows who it is, for the server's challenge. */
  readonly login: (nonce: string | undefined) => object;
}

const opened = new WeakMap<NatsConnection, ConnectionOptions>();

/** Remembers how a connection was opened, for as long as it is there. */
export function rememberWay(client: NatsConnection, options: ConnectionOptions): void {
  opened.set(client, options);
}

/** The way to the server of a client; `undefined` where that is encrypted, or not known. */
export function plainWayOf(client: NatsConnection): PlainWay | undefined {
  const options = opened.get(client);
  const info = client.info as { tls_required?: boolean; tls_available?: boolean } | undefined;
  if (options === undefined || client.isClosed() || info === undefined) {
    return undefined;
  }
  if (options.tls || info.tls_required || info.tls_available) {
    return undefined;
  }
  const { hostname, port } = new URL(`nats://${client.getServer()}`);
  const { user, pass, token, authenticator } = options;
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port),
    login: (nonce) => ({
      ...(user === undefined ? {} : { user }),
      ...(pass === undefined ? {} : { pass }),
      ...(token === undefined ? {} : { auth_token: token }),
      ...(typeof authenticator === "function" ? (authenticator(nonce) as object) : {}),
    }),
  };
}
