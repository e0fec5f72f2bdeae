import type { NatsClusterComponentArgs, UserArgs } from "../nats-cluster-args";
import type { ExtraUser } from "../nats-server/server-options";
import { backupSettings } from "./backup-settings";
import { type ColourSettings, DEFAULTS } from "./settings";

/** A user of the arguments, with where its password stands there and in the credentials. */
export interface DeclaredUser {
  readonly property: string;
  readonly variable: string;
  readonly args: UserArgs;
}

/** All users of the arguments, in the order of their variables. */
export function declaredUsers(args: NatsClusterComponentArgs): DeclaredUser[] {
  const own = (args.users ?? []).map((user, index) => ({
    property: `users[${index}]`,
    args: user,
  }));
  const others = Object.entries(args.accounts ?? {}).flatMap(([name, { users }]) =>
    users.map((user, index) => ({ property: `accounts["${name}"].users[${index}]`, args: user })),
  );
  return [...own, ...others].map((user, index) => ({
    ...user,
    variable: `EXTRA_PASSWORD_${index}`,
  }));
}

/** The settings of a colour: the arguments without secrets, every default filled in. */
export function clusterSettings(args: NatsClusterComponentArgs): ColourSettings {
  const {
    passwords: _secret,
    users: _users,
    accounts: _accounts,
    tls,
    access: _access,
    servers: _servers,
    transform: _transform,
    createNamespace: _createNamespace,
    backup,
    ...plain
  } = args;
  const given = Object.fromEntries(
    Object.entries(plain).filter(([, value]) => value !== undefined),
  ) as Partial<ColourSettings> & Pick<ColourSettings, "colour">;
  const declared = declaredUsers(args);
  const version = given.serverVersion ?? DEFAULTS.serverVersion;
  return {
    ...DEFAULTS,
    image: `nats:${version}`,
    ...given,
    tls: {
      ...(tls?.clients === undefined
        ? {}
        : {
            clients: {
              secretName: tls.clients.secretName,
              isVerified: tls.clients.verify ?? false,
            },
          }),
      ...(tls?.routes === undefined
        ? {}
        : { routes: { secretName: tls.routes.secretName, isVerified: true } }),
    },
    ...(backup === undefined ? {} : { backup: backupSettings(backup) }),
    users: extraUsers(declared, (property) => property.startsWith("users[")),
    accounts: Object.entries(args.accounts ?? {}).map(([name, { jetstream }]) => ({
      name,
      isJetStreamEnabled: jetstream ?? false,
      users: extraUsers(declared, (property) => property.startsWith(`accounts["${name}"].`)),
    })),
  };
}

function extraUsers(
  declared: readonly DeclaredUser[],
  isMine: (property: string) => boolean,
): ExtraUser[] {
  return declared
    .filter(({ property }) => isMine(property))
    .map(({ variable, args: { user, publish, subscribe } }) => ({
      user,
      variable,
      ...(publish === undefined ? {} : { publish }),
      ...(subscribe === undefined ? {} : { subscribe }),
    }));
}
