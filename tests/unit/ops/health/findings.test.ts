import { strict as assert } from "node:assert";
import { findings } from "../../../../ops/health/findings";
import type { RaftGroup } from "../../../../ops/observe/answers";
import type { ServerObservation } from "../../../../ops/observe/observation";

const NAMES = ["nats-blue-0", "nats-blue-1", "nats-blue-2"];
const NOW = new Date("2026-03-01T00:00:00Z");

/** A group that is led by the first server and follows it well. */
function group(change: Partial<RaftGroup> = {}): RaftGroup {
  const replicas = NAMES.slice(1).map((name) => ({ name, current: true, active: 1e8 }));
  return { leader: NAMES[0], replicas, ...change };
}

function server(name: string, change: object = {}): ServerObservation {
  const isLeader = name === NAMES[0];
  return {
    name,
    address: `http://${name}:8222`,
    varz: {
      server_id: `id of ${name}`,
      server_name: name,
      version: "2.10.29",
      cluster: { name: "blue" },
      connections: 10,
      max_connections: 10_000,
      slow_consumers: 0,
      uptime: "3h",
    },
    healthz: { status: "ok" },
    jsz: {
      config: { max_storage: 1000, max_memory: 100 },
      storage: 100,
      reserved_storage: 940,
      ha_assets: 7,
      meta_cluster: isLeader ? group() : { leader: NAMES[0] },
      account_details: [
        {
          name: "TFDC",
          stream_detail: ["metrics_v1", "KV_heartbeats"].map((stream) => ({
            name: stream,
            cluster: isLeader ? group() : { leader: NAMES[0] },
            config: { num_replicas: 3, discard: "old" },
            state: { messages: 1, bytes: 1, first_seq: 1, last_seq: 1, consumer_count: 0 },
          })),
        },
      ],
    },
    ...change,
  };
}

const healthy = () => NAMES.map((name) => server(name));

function found(servers: readonly ServerObservation[], stack: string | undefined = "local-blue") {
  return findings({
    observation: { servers },
    now: NOW,
    cluster: {
      name: "blue",
      stack,
      connection: { servers: ["127.0.0.1:4222"], cluster: "blue" },
      declared: { servers: 3, streams: ["metrics_v1"], buckets: ["heartbeats"] },
    },
  }).map(({ severity, what, remedy }) => `${severity}: ${what}; ${remedy}`);
}

/** The healthy cluster with one server's part changed. */
function withServer(index: number, edit: (one: ServerObservation) => object) {
  return healthy().map((one, at) => (at === index ? { ...one, ...edit(one) } : one));
}

describe("health", () => {
  it("finds nothing wrong with a healthy cluster", () => {
    assert.deepEqual(found(healthy()), []);
  });

  it("names a server that does not answer", () => {
    const silent = { name: "http://127.0.0.1:8224", address: "http://127.0.0.1:8224" };
    assert.deepEqual(found([...healthy().slice(0, 2), silent]), [
      "critical: the server at http://127.0.0.1:8224 does not answer; look into its log, and start it again",
    ]);
  });

  it("counts the servers that answer where addresses are not known", () => {
    assert.deepEqual(found(healthy().slice(0, 2)), [
      "critical: 2 servers answer, and 3 are declared; look into its log, and start it again",
    ]);
  });

  it("names a server of another cluster", () => {
    const servers = withServer(1, ({ varz }) => ({
      varz: { ...varz, cluster: { name: "green" } },
    }));
    assert.deepEqual(found(servers), [
      "critical: nats-blue-1 belongs to cluster 'green', and 'blue' is declared; correct the addresses, or the cluster block of its nats.conf",
    ]);
  });

  it("names a stream that a recreation has closed, so that no roll begins meanwhile", () => {
    const servers = withServer(0, ({ jsz }) => ({
      jsz: {
        ...jsz,
        account_details: jsz?.account_details?.map((account) => ({
          ...account,
          stream_detail: account.stream_detail?.map((stream) => ({
            ...stream,
            config: {
              ...stream.config,
              name: stream.name,
              subjects: [`_TFDC.CLOSED.${stream.name}`],
            },
          })),
        })),
      },
    }));
    assert.deepEqual(found(servers), [
      "critical: KV_heartbeats, metrics_v1 take no messages: a recreation has closed them; where 'pulumi up' is at it, wait for its end; otherwise run 'pulumi up' again on the machine where it was begun",
    ]);
  });

  it("names two servers of one name", () => {
    const servers = withServer(2, ({ varz }) => ({ name: "nats-blue-1", varz }));
    assert.match(
      found(servers).join("\n"),
      /critical: 2 servers call themselves nats-blue-1; give/,
    );
  });

  it("names a server on which JetStream is disabled", () => {
    const servers = withServer(1, () => ({ jsz: { disabled: true }, healthz: { error: "off" } }));
    assert.deepEqual(found(servers), [
      "critical: JetStream is disabled on nats-blue-1; a server turns it off when its disk is full or fails: look into its log, make room, and restart it",
    ]);
  });

  it("tells a server that does not say what it holds from one without JetStream", () => {
    const servers = healthy().map((one) => ({ ...one, jsz: undefined }));
    assert.deepEqual(
      found(servers),
      NAMES.map(
        (name) =>
          `critical: ${name} does not say in time what streams it holds, so that nothing is known of them; look again; if it stays, look into its log, and restart it`,
      ),
    );
  });

  it("quotes a server that says it is not healthy", () => {
    const servers = withServer(1, () => ({ healthz: { error: "stream 'a' is not current" } }));
    assert.match(
      found(servers)[0] ?? "",
      /^critical: nats-blue-1 says that it is not healthy: "stream 'a' is not current"; /,
    );
  });

  it("tells the note that a restored stream leaves from a fault, by the server's age", () => {
    const error =
      "JetStream stream 'TFDC > metrics_v1' is not current: monitor goroutine not running";
    const aged = (seconds: number) =>
      found(
        withServer(1, ({ varz }) => ({
          healthz: { error },
          varz: {
            ...varz,
            start: "2026-03-01T00:00:00Z",
            now: new Date(Date.parse("2026-03-01T00:00:00Z") + seconds * 1000).toISOString(),
          },
        })),
      )[0] ?? "";
    assert.match(aged(30), /^critical: nats-blue-1 says that it is not healthy: /);
    assert.match(
      aged(90),
      /^warning: nats-blue-1 says "JetStream stream .*", as nats-server does of a stream that was restored, until it starts again; .* tfdc-nats roll blue$/,
    );
  });

  it("names servers of different versions, and versions that lose streams", () => {
    const servers = withServer(2, ({ varz }) => ({ varz: { ...varz, version: "2.10.22" } }));
    assert.deepEqual(found(servers), [
      "warning: the servers run different versions: nats-blue-0 2.10.29, nats-blue-1 2.10.29, nats-blue-2 2.10.22; finish the upgrade: tfdc-nats roll blue",
      "warning: nats-server 2.10.22 can lose a whole stream when servers are killed (nats-server#6888, fixed in 2.10.23); use 2.10.29",
    ]);
  });

  it("counts slow consumers", () => {
    const servers = withServer(0, ({ varz }) => ({ varz: { ...varz, slow_consumers: 2 } }));
    assert.match(
      found(servers)[0] ?? "",
      /^warning: nats-blue-0 has dropped 2 slow consumers in 3h; /,
    );
  });

  it("warns of a server that is nearly out of client connections", () => {
    const servers = withServer(0, ({ varz }) => ({ varz: { ...varz, connections: 9_000 } }));
    assert.match(found(servers)[0] ?? "", /^warning: nats-blue-0 has 9000 of at most 10000 client/);
  });

  it("tells a disk that fills from one that is almost full", () => {
    const at = (storage: number) =>
      found(withServer(0, ({ jsz }) => ({ jsz: { ...jsz, storage } })))[0] ?? "nothing";
    assert.equal(at(749), "nothing");
    assert.match(
      at(750),
      /^warning: nats-blue-0 uses 750 B of 1000 B for streams on disk \(75 %\)/,
    );
    assert.match(at(900), /^critical: .*; see what takes it with: tfdc-nats storage blue$/);
  });

  it("warns where streams may outgrow the store", () => {
    const servers = withServer(0, ({ jsz }) => ({ jsz: { ...jsz, reserved_storage: 1001 } }));
    assert.match(
      found(servers)[0] ?? "",
      /^warning: the streams on nats-blue-0 may grow to 1001 B, and its max_file_store is 1000 B; /,
    );
  });

  it("warns of more replicated streams and consumers than a server bears well", () => {
    const servers = withServer(0, ({ jsz }) => ({ jsz: { ...jsz, ha_assets: 1001 } }));
    assert.match(found(servers)[0] ?? "", /^warning: nats-blue-0 holds up to 1001 replicated/);
  });

  it("warns of a certificate that ends soon, and more so of one that has ended", () => {
    const at = (certificateEnds: string) =>
      found(withServer(0, () => ({ certificateEnds: new Date(certificateEnds) })))[0] ?? "nothing";
    assert.equal(at("2026-04-15"), "nothing");
    assert.match(at("2026-03-20"), /^warning: the certificate of nats-blue-0 ends on 2026-03-20; /);
    assert.match(
      at("2026-03-05"),
      /^critical: the certificate of nats-blue-0 ends on 2026-03-05; /,
    );
    assert.match(at("2026-02-05"), /^critical: .* ended on 2026-02-05; /);
  });

  it("says that there is no meta leader", () => {
    const servers = healthy().map((one) => ({ ...one, jsz: { ...one.jsz, meta_cluster: {} } }));
    assert.deepEqual(found(servers), [
      "critical: there is no meta leader: 3 of 3 servers answer, and more than half have to see each other; see who is cut off with: tfdc-nats split-brain blue",
    ]);
  });

  it("tells who follows another meta leader, or none", () => {
    const other = withServer(2, ({ jsz }) => ({
      jsz: { ...jsz, meta_cluster: { leader: "nats-blue-2" } },
    }));
    assert.match(
      found(other).join("\n"),
      /different meta leaders: nats-blue-0, nats-blue-1 follow nats-blue-0, nats-blue-2 follows nats-blue-2/,
    );
    const none = withServer(2, ({ jsz }) => ({ jsz: { ...jsz, meta_cluster: {} } }));
    assert.match(
      found(none).join("\n"),
      /nats-blue-2 knows no meta leader, the others follow nats-blue-0/,
    );
  });

  it("names a peer that the meta leader counts as offline, does not hear, misses, or has too many of", () => {
    const withPeers = (replicas: object[]) =>
      found(
        withServer(0, ({ jsz }) => ({
          jsz: { ...jsz, meta_cluster: group({ replicas } as never) },
        })),
      )[0] ?? "nothing";
    const good = { name: "nats-blue-1", current: true, active: 1 };
    const last = { name: "nats-blue-2", current: false, active: 4e9 };
    assert.match(withPeers([good, last]), /meta leader nats-blue-0 does not hear nats-blue-2; /);
    assert.match(withPeers([good, { ...last, offline: true }]), /counts nats-blue-2 as offline; /);
    assert.equal(withPeers([good, { ...last, active: 1e9 }]), "nothing");
    assert.match(withPeers([good]), /^critical: the meta group has 2 peers, and 3 servers are/);
    assert.match(
      withPeers([good, good, good]),
      /^warning: the meta group has 4 peers, .*peer-remove <name>$/,
    );
  });

  it("names streams and buckets that are declared and do not exist", () => {
    const servers = healthy().map((one) => ({ ...one, jsz: { ...one.jsz, account_details: [] } }));
    assert.deepEqual(found(servers), [
      "critical: the declared stream metrics_v1 does not exist; make it again with: pulumi up -s local-blue",
      "critical: the declared bucket heartbeats does not exist; make it again with: pulumi up -s local-blue",
    ]);
  });

  it("misses nothing that a server which is away may hold", () => {
    const servers = healthy().map((one) => ({ ...one, jsz: { ...one.jsz, account_details: [] } }));
    const away = [...servers.slice(0, 2), { name: "http://a", address: "http://a" }];
    assert.equal(found(away).filter((one) => one.includes("does not exist")).length, 0);
  });

  /** A cluster whose one stream has these groups, as its servers see it. */
  function withGroups(seen: readonly RaftGroup[], more: object = {}, config: object = {}) {
    return healthy().map((one, at) => ({
      ...one,
      jsz: {
        ...one.jsz,
        account_details: [
          {
            name: "TFDC",
            stream_detail: [
              ...(one.jsz?.account_details?.[0]?.stream_detail?.slice(1) ?? []),
              {
                name: "metrics_v1",
                cluster: seen[at],
                config: { num_replicas: 3, ...config },
                state: { messages: 95, bytes: 950, first_seq: 1, last_seq: 1, consumer_count: 0 },
                ...more,
              },
            ],
          },
        ],
      },
    }));
  }

  it("names streams and consumers without a leader", () => {
    assert.match(
      found(withGroups([{}, {}, {}])).join("\n"),
      /critical: metrics_v1 has no leader: nothing can be written or read; see who is cut off/,
    );
    const consumer = { name: "worker", cluster: {} };
    const led = [group(), { leader: NAMES[0] }, { leader: NAMES[0] }];
    assert.match(
      found(withGroups(led, { consumer_detail: [consumer] })).join("\n"),
      /critical: metrics_v1 > worker has no leader: nothing is delivered; /,
    );
  });

  it("tells a replica that is lost from one that is behind, and from one that is just busy", () => {
    const withReplica = (last: object) => {
      const replicas = [
        { name: "nats-blue-1", current: true },
        { name: "nats-blue-2", ...last },
      ];
      const leads = group({ replicas } as never);
      return found(withGroups([leads, { leader: NAMES[0] }, { leader: NAMES[0] }])).join("\n");
    };
    assert.match(
      withReplica({ current: false, active: 4e9 }),
      /critical: the replica on nats-blue-2 of metrics_v1 is not heard by its leader; /,
    );
    assert.match(
      withReplica({ current: false, active: 1e8, lag: 201 }),
      /warning: the replica on nats-blue-2 of metrics_v1 is more than 200 operations behind; /,
    );
    assert.equal(withReplica({ current: false, active: 1e8, lag: 10 }), "");
  });

  it("counts a replica as lost that is still called current, and one that was never heard of", () => {
    for (const last of [{ current: true, active: 4e9 }, { current: false }]) {
      const replicas = [
        { name: "nats-blue-1", current: true },
        { name: "nats-blue-2", ...last },
      ];
      const led = [group({ replicas }), { leader: NAMES[0] }, { leader: NAMES[0] }];
      assert.deepEqual(found(withGroups(led)), [
        "critical: the replica on nats-blue-2 of metrics_v1 is not heard by its leader; look into the log of nats-blue-2",
      ]);
    }
  });

  it("waits for a replica that is about to be made, unless its server is away", () => {
    const joining = (more: object) => {
      const pending = { name: "nats-blue-2", current: false, pending: true, ...more };
      const replicas = [{ name: "nats-blue-1", current: true }, pending];
      return found(withGroups([group({ replicas }), { leader: NAMES[0] }, { leader: NAMES[0] }]));
    };
    assert.deepEqual(joining({}), [
      "warning: the replica on nats-blue-2 of metrics_v1 is being made; wait until it is there; do not restart another server before; see the log of nats-blue-2 if it does not come",
    ]);
    assert.match(joining({ offline: true }).join("\n"), /critical: .* is not heard by its leader/);
  });

  describe("of a server that lacks a stream which others count on it for", () => {
    const lacking = (change: object) =>
      found(
        withServer(1, ({ varz, jsz }) => ({
          varz: {
            ...varz,
            version: "2.11.17",
            start: "2026-03-01T00:00:00Z",
            now: "2026-03-01T00:01:30Z",
          },
          jsz: {
            ...jsz,
            config: { store_dir: "/data/jetstream" },
            account_details: [{ name: "TFDC", stream_detail: [] }],
          },
          ...change,
        })),
      ).filter((one) => one.includes("does not hold"));

    it("names the streams, and how the server gets them again", () => {
      assert.deepEqual(lacking({}), [
        "critical: nats-blue-1 does not hold KV_heartbeats, metrics_v1, and their leaders count on it: nats-server 2.11.17 forgets streams when it is killed; a restart does not mend that: stop nats-blue-1, delete the folder '_meta_' (and nothing else) in /data/jetstream/<system account>/_js_, and start it; it gets them again from the other servers",
      ]);
    });

    it("waits for one that has just started, or calls itself unhealthy", () => {
      const varz = { start: "2026-03-01T00:00:00Z", now: "2026-03-01T00:00:20Z" };
      assert.deepEqual(lacking({ varz }), []);
      assert.deepEqual(lacking({ healthz: { status: "unavailable", error: "catching up" } }), []);
    });
  });

  it("names a stream with fewer replicas than configured", () => {
    const leads = group({ replicas: [{ name: "nats-blue-1", current: true }] });
    assert.match(
      found(withGroups([leads, { leader: NAMES[0] }, { leader: NAMES[0] }])).join("\n"),
      /critical: metrics_v1 \(2 of 3\) has fewer replicas than configured; /,
    );
  });

  it("names a stream that will refuse messages, and no stream that discards old ones", () => {
    const led = [group(), { leader: NAMES[0] }, { leader: NAMES[0] }];
    const limits = { max_bytes: 1000, max_msgs: 100 };
    assert.deepEqual(found(withGroups(led, {}, { ...limits, discard: "old" })), []);
    assert.match(
      found(withGroups(led, {}, { ...limits, discard: "new" })).join("\n"),
      /critical: metrics_v1 refuses new messages when it is full, and holds 950 B of 1000 B and 95 of 100 messages; make room: tfdc-nats purge blue metrics_v1 --keep <n>, or raise its limit/,
    );
  });

  it("tells a thousand streams in one line", () => {
    const many = Array.from({ length: 1000 }, (_, index) => ({
      name: `s${String(index).padStart(4, "0")}`,
      cluster: {},
      state: { messages: 0, bytes: 0, first_seq: 0, last_seq: 0, consumer_count: 0 },
    }));
    const servers = healthy().map((one) => ({
      ...one,
      jsz: { ...one.jsz, account_details: [{ name: "TFDC", stream_detail: many }] },
    }));
    const lines = found(servers).filter((one) => one.includes("no leader"));
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? "", /s0000, s0001, s0002, s0003, s0004 and 995 more have no leader/);
  });
});
