import { type ConfMap, Raw } from "./conf-value";
import {
  CLIENT_USER,
  type ExtraUser,
  type NatsServerOptions,
  PROVISIONER_INBOX,
  PROVISIONER_USER,
  SYSTEM_USER,
} from "./server-options";

/** The account of the applications and of their streams. */
export const ACCOUNT = "TFDC";
/** The account of those who watch and operate the servers. */
export const SYSTEM_ACCOUNT = "SYS";

/**
 * The requests that managing streams and buckets needs; reading messages is not among them. The
 * one consumer that may be made counts what an update would delete, and no message of it may be
 * asked for. (Whoever may edit a stream may republish it, so this lets nobody see more.)
 */
const PROVISIONER_SUBJECTS: readonly string[] = [
  "$JS.API.INFO",
  "$JS.API.STREAM.LIST",
  "$JS.API.STREAM.NAMES",
  "$JS.API.STREAM.INFO.*",
  "$JS.API.STREAM.CREATE.*",
  "$JS.API.STREAM.UPDATE.*",
  "$JS.API.STREAM.DELETE.*",
  "$JS.API.CONSUMER.LIST.*",
  "$JS.API.CONSUMER.CREATE.*.tfdc_count",
  "$JS.API.CONSUMER.DELETE.*.tfdc_count",
];

/** The accounts of a server and their users; every password is a variable. */
export function accounts({
  users = [],
  accounts: others = [],
  marks,
}: Pick<NatsServerOptions, "users" | "accounts" | "marks">): ConfMap {
  return {
    [ACCOUNT]: {
      jetstream: new Raw("enabled"),
      users: [
        {
          user: CLIENT_USER,
          password: new Raw("$CLIENT_PASSWORD"),
          permissions: { publish: { allow: [">"] }, subscribe: { allow: [">"] } },
        },
        {
          user: PROVISIONER_USER,
          password: new Raw("$PROVISIONER_PASSWORD"),
          permissions: {
            publish: { allow: PROVISIONER_SUBJECTS },
            subscribe: { allow: [`${PROVISIONER_INBOX}.>`] },
          },
        },
        ...users.map(extraUser),
      ],
    },
    ...Object.fromEntries(
      others.map(({ name, isJetStreamEnabled, users: own }) => [
        name,
        {
          jetstream: isJetStreamEnabled ? new Raw("enabled") : undefined,
          users: own.map(extraUser),
        },
      ]),
    ),
    [SYSTEM_ACCOUNT]: {
      users: [{ user: SYSTEM_USER, password: new Raw("$SYSTEM_PASSWORD") }],
      // Nobody imports them and nobody serves them: they are there to be seen.
      exports: marks?.map((mark) => ({
        service: mark.startsWith("$") ? new Raw(mark) : mark,
      })),
    },
  };
}

function extraUser({ user, variable, publish, subscribe }: ExtraUser): ConfMap {
  return {
    user,
    password: new Raw(`$${variable}`),
    permissions: {
      publish: { allow: publish ?? [">"] },
      subscribe: { allow: subscribe ?? [">"] },
    },
  };
}
