import { type Problem, problem } from "../jetstream/problems";
import { parseSize } from "../jetstream/units";
import { isOlder } from "../jetstream/versions";
import { durationProblems, limitProblems } from "../nats-server/limit-rules";
import { backupProblems } from "./backup-settings";
import { parseQuantity } from "./quantity";
import type { ColourSettings } from "./settings";

const MIN_VERSION = "2.10.0";
/** The lame duck's thirty seconds and what a server needs to end. */
const MIN_GRACE_SECONDS = 50;
const DNS_LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const DNS_NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

/** Everything that is wrong with the settings of a colour. */
export function settingsProblems(settings: ColourSettings): Problem[] {
  return [
    ...nameProblems(settings),
    ...replicaProblems(settings),
    ...versionProblems(settings),
    ...choiceProblems(settings),
    ...limitProblems(settings),
    ...durationProblems("settleTimeout", settings.settleTimeout),
    ...volumeProblems(settings),
    ...memoryProblems(settings),
    ...graceProblems(settings),
    ...userProblems(settings),
    ...backupProblems(settings),
  ];
}

function nameProblems(settings: ColourSettings): Problem[] {
  const refuse = (property: keyof ColourSettings, rule: string, remedy: string) =>
    problem(property, settings[property], rule, remedy);
  return [
    ...(/^[a-z][a-z0-9-]*$/.test(settings.colour) && settings.colour.length <= 40
      ? []
      : [
          refuse("colour", "a colour is up to 40 lower-case letters, digits and '-'", 'use "blue"'),
        ]),
    ...(["namespace", "monitoringNamespace"] as const)
      .filter((name) => !DNS_LABEL.test(settings[name]) || settings[name].length > 63)
      .map((name) => refuse(name, "it must be the name of a namespace", `use "tfdc" or the like`)),
    ...(DNS_NAME.test(settings.storageClass)
      ? []
      : [refuse("storageClass", "it must be the name of a StorageClass", 'use "fast-ssd"')]),
    ...(DNS_NAME.test(settings.clusterDomain)
      ? []
      : [refuse("clusterDomain", "it must be a DNS domain", 'use "cluster.local"')]),
    ...(/^\S+$/.test(settings.image)
      ? []
      : [refuse("image", "it must be an image", "leave it out")]),
  ];
}

function replicaProblems({ replicas }: ColourSettings): Problem[] {
  return [1, 3, 5].includes(replicas)
    ? []
    : [
        problem(
          "replicas",
          replicas,
          "a JetStream cluster needs an odd number of servers",
          `use ${replicas < 3 ? 3 : 5}`,
        ),
      ];
}

function versionProblems({ serverVersion }: ColourSettings): Problem[] {
  return /^\d+\.\d+\.\d+(-[\w.]+)?$/.test(serverVersion) && !isOlder(serverVersion, MIN_VERSION)
    ? []
    : [
        problem(
          "serverVersion",
          serverVersion,
          `it must be nats-server ${MIN_VERSION} or newer`,
          'use "2.10.29"',
        ),
      ];
}

const CHOICES = {
  imagePullPolicy: ["IfNotPresent", "Always", "Never"],
  volumeRetention: ["retain", "delete"],
  durability: ["balanced", "strict"],
  spread: ["required", "preferred"],
  rollout: ["guarded", "kubernetes"],
} as const;

function choiceProblems(settings: ColourSettings): Problem[] {
  return Object.entries(CHOICES).flatMap(([property, choices]) => {
    const value = settings[property as keyof typeof CHOICES];
    return choices.some((one) => one === value)
      ? []
      : [
          problem(
            property,
            value,
            "no such choice",
            `use one of ${choices.map((one) => `"${one}"`).join(", ")}`,
          ),
        ];
  });
}

/** File systems keep some of a volume, and JetStream writes before it deletes. */
const VOLUME_SHARE = 90n;

/** A volume that JetStream may fill to the brim stops the server before its limit is reached. */
function volumeProblems({ volumeSize, maxFileStore }: ColourSettings): Problem[] {
  const [volume, store] = [parseQuantity(volumeSize), parseSize(maxFileStore)];
  if (volume === undefined || volume === 0n) {
    return [
      problem(
        "volumeSize",
        volumeSize,
        "it must be an amount of storage",
        'use "200Gi" or the like',
      ),
    ];
  }
  const most = (volume * VOLUME_SHARE) / 100n;
  return store === undefined || store <= most
    ? []
    : [
        problem(
          "maxFileStore",
          maxFileStore,
          `a volume of ${volumeSize} has room for ${VOLUME_SHARE} % of its size, because the disk would be full before the limit is reached`,
          `use ${wholeGiB(most)} or less, or a larger 'volumeSize'`,
        ),
      ];
}

/** What the server itself needs besides the streams in memory. */
const MEMORY_SHARE = 75n;

function memoryProblems({ resources, maxMemoryStore }: ColourSettings): Problem[] {
  const amounts = (["requests", "limits"] as const).flatMap((kind) =>
    (["cpu", "memory"] as const).flatMap((name) => {
      const amount = resources[kind]?.[name];
      const isAmount =
        name === "cpu"
          ? /^\d+(\.\d+)?m?$/.test(amount ?? "1")
          : amount === undefined || parseQuantity(amount);
      return isAmount
        ? []
        : [
            problem(
              `resources.${kind}.${name}`,
              amount,
              "it must be a Kubernetes quantity",
              `use "${name === "cpu" ? "1000m" : "2Gi"}" or the like`,
            ),
          ];
    }),
  );
  const text = resources.limits?.memory;
  const [limit, store] = [
    text === undefined ? undefined : parseQuantity(text),
    parseSize(maxMemoryStore),
  ];
  if (limit === undefined || store === undefined) {
    return amounts;
  }
  const most = (limit * MEMORY_SHARE) / 100n;
  return store <= most
    ? amounts
    : [
        ...amounts,
        problem(
          "maxMemoryStore",
          maxMemoryStore,
          `the memory limit of the container is ${text}, and the server needs a quarter of it for itself`,
          `use ${wholeMiB(most)} or less, or a larger 'resources.limits.memory'`,
        ),
      ];
}

function graceProblems({ gracePeriodSeconds }: ColourSettings): Problem[] {
  return Number.isInteger(gracePeriodSeconds) && gracePeriodSeconds >= MIN_GRACE_SECONDS
    ? []
    : [
        problem(
          "gracePeriodSeconds",
          gracePeriodSeconds,
          `a lame duck takes 30 s to send its clients away, and the server some seconds to end`,
          `use ${MIN_GRACE_SECONDS} or more`,
        ),
      ];
}

const RESERVED_USERS: ReadonlySet<string> = new Set([
  "tfdc_client",
  "tfdc_provisioner",
  "tfdc_system",
  "cluster_user",
]);
const RESERVED_ACCOUNTS: ReadonlySet<string> = new Set(["TFDC", "SYS", "$SYS", "$G"]);

function userProblems({ users, accounts }: ColourSettings): Problem[] {
  const seen = new Set(RESERVED_USERS);
  const check = (property: string, user: string): Problem[] => {
    const isTaken = seen.has(user);
    seen.add(user);
    if (user === "" || /\s/.test(user)) {
      return [problem(property, user, "a user is a word", "use another name")];
    }
    return isTaken ? [problem(property, user, "the user exists already", "use another name")] : [];
  };
  return [
    ...users.flatMap(({ user }, index) => check(`users[${index}].user`, user)),
    ...accounts.flatMap(({ name, users: own }) => [
      ...(RESERVED_ACCOUNTS.has(name) || !/^[A-Za-z0-9_-]+$/.test(name)
        ? [
            problem(
              `accounts["${name}"]`,
              name,
              "an account is letters, digits, '_' and '-', and none of TFDC, SYS",
              "use another name",
            ),
          ]
        : []),
      ...own.flatMap(({ user }, index) => check(`accounts["${name}"].users[${index}].user`, user)),
    ]),
  ];
}

function wholeGiB(bytes: bigint): string {
  const whole = bytes / (1n << 30n);
  return whole > 0n ? `${whole}GiB` : wholeMiB(bytes);
}

function wholeMiB(bytes: bigint): string {
  return `${bytes / (1n << 20n)}MiB`;
}
