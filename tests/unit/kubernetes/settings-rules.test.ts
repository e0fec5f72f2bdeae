import { strict as assert } from "node:assert";
import { clusterSettings } from "../../../components/kubernetes/cluster-settings";
import { settingsProblems } from "../../../components/kubernetes/settings-rules";
import type { NatsClusterComponentArgs } from "../../../components/nats-cluster-args";

const PASSWORDS = { client: "c", provisioner: "p", system: "s", cluster: "r" };

function reasons(args: Partial<NatsClusterComponentArgs>): string[] {
  const settings = clusterSettings({ colour: "blue", passwords: PASSWORDS, ...args });
  return settingsProblems(settings).map(({ reason }) => reason);
}

/** Arguments, and every problem that they have. */
const CASES: readonly (readonly [Partial<NatsClusterComponentArgs>, ...string[]])[] = [
  [{}],
  [{ replicas: 5, serverVersion: "2.12.15", durability: "strict", spread: "preferred" }],
  [{ volumeSize: "1Ti", maxFileStore: "900GiB" }],
  [{ resources: {} }],
  [
    { colour: "Blue!" },
    `'colour' is "Blue!": a colour is up to 40 lower-case letters, digits and '-'; use "blue"`,
  ],
  [
    { namespace: "TFDC" },
    `'namespace' is "TFDC": it must be the name of a namespace; use "tfdc" or the like`,
  ],
  [{ image: "" }, `'image' is "": it must be an image; leave it out`],
  [{ clusterDomain: "?" }, `'clusterDomain' is "?": it must be a DNS domain; use "cluster.local"`],
  [{ replicas: 4 }, "'replicas' is 4: a JetStream cluster needs an odd number of servers; use 5"],
  [
    { serverVersion: "2.9.1" },
    `'serverVersion' is "2.9.1": it must be nats-server 2.10.0 or newer; use "2.10.29"`,
  ],
  [
    { rollout: "fast" as "guarded" },
    `'rollout' is "fast": no such choice; use one of "guarded", "kubernetes"`,
  ],
  [
    { writeDeadline: "soon", maxPending: "many", maxConnections: 0 },
    `'maxPending' is "many": it must be a size; use "10MiB" or the like`,
    `'writeDeadline' is "soon": it must be a duration; use "10s" or the like`,
    "'maxConnections' is 0: it must be a whole number from 1; use 10000",
  ],
  [
    { maxPayload: "300MiB" },
    `'maxPayload' is "300MiB": a message must fit what may wait for a client (maxPending, 256MiB); use 256MiB or less`,
  ],
  [{ backup: { image: "tfdc-nats:1", claim: "nats-backups", schedule: "@daily", keep: 1 } }],
  [
    { backup: { image: "two words", claim: "A claim", schedule: "nightly", keep: 0 } },
    `'backup.image' is "two words": it must be an image with the command tfdc-nats; build one as docs/operations/backup.md does`,
    `'backup.claim' is "A claim": it must be the name of a PersistentVolumeClaim; make one`,
    `'backup.schedule' is "nightly": it must be the five fields of cron; use "0 2 * * *"`,
    "'backup.keep' is 0: it must be a number of backups; use 7",
  ],
  [
    {
      backup: { image: "tfdc-nats:1", claim: "nats-backups" },
      tls: { clients: { secretName: "nats-tls", verify: true } },
    },
    `'backup' is "tfdc-nats:1": 'tls.clients.verify' asks every client for a certificate, and tfdc-nats has none to show; leave one of the two out`,
  ],
  [
    { volumeSize: "200GB" },
    `'volumeSize' is "200GB": it must be an amount of storage; use "200Gi" or the like`,
  ],
  [
    { volumeSize: "100Gi" },
    `'maxFileStore' is "170GiB": a volume of 100Gi has room for 90 % of its size, because the disk would be full before the limit is reached; use 90GiB or less, or a larger 'volumeSize'`,
  ],
  [
    { maxMemoryStore: "4GiB" },
    `'maxMemoryStore' is "4GiB": the memory limit of the container is 4Gi, and the server needs a quarter of it for itself; use 3072MiB or less, or a larger 'resources.limits.memory'`,
  ],
  [
    { resources: { requests: { cpu: "many" }, limits: { memory: "4 GB" } } },
    `'resources.requests.cpu' is "many": it must be a Kubernetes quantity; use "1000m" or the like`,
    `'resources.limits.memory' is "4 GB": it must be a Kubernetes quantity; use "2Gi" or the like`,
  ],
  [
    { gracePeriodSeconds: 30 },
    "'gracePeriodSeconds' is 30: a lame duck takes 30 s to send its clients away, and the server some seconds to end; use 50 or more",
  ],
  [
    {
      users: [
        { user: "tfdc_client", password: "x" },
        { user: "a b", password: "x" },
      ],
      accounts: { SYS: { users: [{ user: "a", password: "x" }] } },
    },
    `'users[0].user' is "tfdc_client": the user exists already; use another name`,
    `'users[1].user' is "a b": a user is a word; use another name`,
    `'accounts["SYS"]' is "SYS": an account is letters, digits, '_' and '-', and none of TFDC, SYS; use another name`,
  ],
];

describe("settingsProblems", () => {
  for (const [args, ...expected] of CASES) {
    const verdict = expected.length === 0 ? "accepts" : "refuses";
    it(`${verdict} ${JSON.stringify(args)}`, () => {
      assert.deepEqual(reasons(args), expected);
    });
  }
});
