import { strict as assert } from "node:assert";
import { isOlder } from "../../../components/jetstream/versions";
import { keyValue, stream } from "../../../components/provider";
import type { DynamicProvider } from "../../../components/provider/dynamic-provider";
import { closeLinks } from "../../../components/provider/link-pool";
import { RawJetStream, type Wire } from "../../support/drift-raw";
import { TestCluster } from "../../support/test-cluster";

type Props = Record<string, unknown>;

/** What a preview says of an update. */
interface Said {
  readonly inputs: Props;
  readonly reasons: string[];
}

for (const version of ["2.10.22", "2.10.29", "2.11.17", "2.12.15"]) {
  describe(`an update of a live stream, on nats-server ${version}`, function () {
    this.timeout(60_000);
    let cluster: TestCluster;
    let raw: RawJetStream;

    before(async () => {
      cluster = await TestCluster.start({ size: 1, version });
      raw = await RawJetStream.connect(cluster);
    });

    after(async () => {
      await closeLinks();
      await raw?.close();
      await cluster?.stop();
    });

    async function said(provider: DynamicProvider, olds: Props, news: Props): Promise<Said> {
      const connection = { servers: cluster.servers };
      const { inputs, failures } = await provider.check(olds, { connection, ...news });
      return { inputs, reasons: failures.map(({ reason }) => reason) };
    }

    /** Makes a stream with these messages, by subject, and returns its inputs. */
    async function made(name: string, args: Props = {}, messages: string[] = []): Promise<Props> {
      const subjects = args.mirror === undefined ? [`${name}.>`] : undefined;
      const { inputs, reasons } = await said(stream, {}, { name, subjects, ...args });
      assert.deepEqual(reasons, []);
      await stream.create(inputs);
      for (const subject of messages) {
        await raw.publish(`${name}.${subject}`);
      }
      return inputs;
    }

    /** What a preview says of these changes; `undefined` takes a property out. */
    function changed(olds: Props, change: Props): Promise<Said> {
      const { name, subjects, mirror, maxMsgsPerSubject, discard, maxMsgs } = olds;
      const kept = { name, subjects, mirror, maxMsgsPerSubject, discard, maxMsgs };
      return said(stream, olds, { ...kept, ...change });
    }

    const messagesIn = async (name: string) => (await raw.streams()).get(name)?.messages;

    const SAFE_WAYS =
      'declare another name and move the messages there, or set onRefusedChange: "replaceIfEmpty" to have an empty stream deleted and made again';
    const RECREATED = ', or "backupAndRecreate" to have its messages saved and restored';
    /** What is in memory, and what stays a mirror, no recreation brings back. */
    const NOT_RECREATED: readonly string[] = ["storage", "mirror"];

    const REFUSED: readonly (readonly [
      what: string,
      from: Props,
      to: Props,
      wire: Wire,
      is: string,
      has: string,
    ])[] = [
      ["storage", {}, { storage: "memory" }, { storage: "memory" }, '"memory"', 'keep "file"'],
      [
        "retention",
        {},
        { retention: "workqueue" },
        { retention: "workqueue" },
        '"workqueue"',
        'keep "limits"',
      ],
      [
        "mirror",
        { mirror: { name: "o" } },
        { mirror: { name: "p" } },
        { mirror: { name: "p" } },
        '{"name":"p"}',
        'keep {"name":"o"}',
      ],
      [
        "denyDelete",
        { denyDelete: true },
        { denyDelete: false },
        { deny_delete: false },
        "false",
        "keep true",
      ],
      [
        "denyPurge",
        { denyPurge: true },
        { denyPurge: false },
        { deny_purge: false },
        "false",
        "keep true",
      ],
      [
        "sealed",
        { sealed: true },
        { sealed: false },
        { sealed: false, deny_delete: false, deny_purge: false },
        "false",
        "keep true",
      ],
      ...(isOlder(version, "2.12.5")
        ? [
            [
              "maxConsumers",
              {},
              { maxConsumers: 3 },
              { max_consumers: 3 },
              "3",
              'keep "unlimited"',
            ] as const,
          ]
        : []),
    ];

    for (const [property, from, to, wire, is, keep] of REFUSED) {
      it(`is refused beforehand where the server would refuse it: ${property}`, async () => {
        const name = `refused-${property}`;
        const olds = await made(name, from);
        const { reasons } = await changed(olds, to);
        const refusal = await raw.update(name, wire);
        assert.notEqual(refusal, undefined, "the server takes it");
        assert.deepEqual(reasons, [
          `'${property}' is ${is}: the live stream has ${keep.replace("keep ", "")}, and nats-server ${version} refuses the change: "${refusal?.says}"; ${keep}, ${SAFE_WAYS}${NOT_RECREATED.includes(property) ? "" : RECREATED}`,
        ]);
      });
    }

    it("is refused when it is written, too, in the same words", async () => {
      const olds = await made("written");
      const { inputs, reasons } = await changed(olds, { storage: "memory" });
      await assert.rejects(stream.update("written", olds, inputs), {
        message: `the stream 'written' of the NATS cluster at ${cluster.servers[0]} is not updated: ${reasons[0]}.`,
      });
    });

    it("replaces an empty stream where that is allowed, and no other", async () => {
      const olds = await made("replaced", {});
      const change = { storage: "memory", onRefusedChange: "replaceIfEmpty" };
      const { inputs, reasons } = await changed(olds, change);
      assert.deepEqual(reasons, []);
      assert.deepEqual(await stream.diff("replaced", olds, inputs), {
        replaces: ["storage"],
        deleteBeforeReplace: true,
      });
      await raw.publish("replaced.a");
      await assert.rejects(stream.delete("replaced", { ...olds, deletionPolicy: "delete" }), {
        message: /^the stream 'replaced' of .* is not deleted: it holds 1 message/,
      });
      // Another command: one reads the streams once.
      await closeLinks();
      assert.deepEqual((await changed(olds, change)).reasons, [
        `'storage' is "memory": the live stream has "file", which no update changes, and it is not empty: it holds 1 message and 0 consumers; keep "file", declare another name and move the messages there, or empty it and delete its consumers first`,
      ]);
    });

    it("is acknowledged where no later update could take it back", async () => {
      const olds = await made("one-way");
      const { reasons } = await changed(olds, { denyDelete: true, denyPurge: true });
      const asked = (property: string) =>
        `'${property}' is true: the live stream has false, and no later update can take this back; set acknowledgeIrreversible: true to switch it for good, or keep false`;
      assert.deepEqual(reasons, [asked("denyDelete"), asked("denyPurge")]);
      assert.deepEqual((await changed(olds, { sealed: true })).reasons, [asked("sealed")]);
      const { inputs, reasons: none } = await changed(olds, {
        denyDelete: true,
        acknowledgeIrreversible: true,
      });
      assert.deepEqual(none, []);
      await stream.update("one-way", olds, inputs);
      assert.equal((await raw.config("one-way")).deny_delete, true);
    });

    // Before 2.11 there are no markers.
    if (!isOlder(version, "2.11.0")) {
      it("is refused of a sealed stream that has markers, and taken once they go", async () => {
        const marked = { subjectDeleteMarkerTtl: "1h", sealed: true };
        const olds = await made("sealed", marked);
        assert.equal((await raw.config("sealed")).sealed, true);
        const { reasons } = await changed(olds, { ...marked, description: "done" });
        assert.deepEqual(reasons, [
          `'description' is "done": the live stream has "", and nats-server ${version} refuses the change: "stream configuration update can not cancel deny purge"; replace subjectDeleteMarkerTtl, with which a sealed stream takes no update, by allowMsgTtl: true, keep "", declare another name and move the messages there, or set onRefusedChange: "replaceIfEmpty" to have an empty stream deleted and made again`,
        ]);
        const unmarked = await changed(olds, {
          sealed: true,
          allowMsgTtl: true,
          description: "done",
        });
        assert.deepEqual(unmarked.reasons, []);
        await stream.update("sealed", olds, unmarked.inputs);
        assert.equal((await raw.config("sealed")).description, "done");
      });
    }

    it("passes without a word where it deletes nothing", async () => {
      const olds = await made("harmless", { maxMsgs: 10 }, ["a", "a", "b"]);
      for (const change of [{ maxMsgs: 3 }, { maxAge: "1h" }, { maxBytes: "1GiB" }]) {
        const { inputs, reasons } = await changed(olds, change);
        assert.deepEqual([reasons, inputs.warning], [[], undefined]);
      }
    });

    it("is refused with the number of messages that a lower maxMsgs deletes", async () => {
      const olds = await made("counted", {}, ["a", "a", "b", "b", "c"]);
      assert.deepEqual((await changed(olds, { maxMsgs: 2 })).reasons, [
        `'maxMsgs' is 2: the live stream has "unlimited", and the change deletes 3 of 5 messages at once, about ${await share("counted", 3 / 5)} (the oldest); set allowDataLoss: true or { upToMessages: 3 } to let them go, or keep "unlimited"`,
      ]);
    });

    it("deletes as many as was said, where that is allowed, and says it again", async () => {
      const olds = await made("allowed", { maxMsgsPerSubject: 5 }, [..."aaaaabbbc"]);
      const lower = { maxMsgsPerSubject: 2 };
      const loss = `deletes 4 of 9 messages at once, about ${await share("allowed", 4 / 9)} (the oldest of each subject)`;
      const { reasons } = await changed(olds, { ...lower, allowDataLoss: { upToMessages: 3 } });
      assert.deepEqual(reasons, [
        `'maxMsgsPerSubject' is 2: the live stream has 5, and the change ${loss}; set allowDataLoss: true or { upToMessages: 4 } to let them go, or keep 5`,
      ]);
      const allowed = await changed(olds, { ...lower, allowDataLoss: { upToMessages: 4 } });
      assert.deepEqual(allowed.reasons, []);
      assert.equal(allowed.inputs.warning, `maxMsgsPerSubject 5 => 2 ${loss}`);
      const { outs } = await stream.update("allowed", olds, allowed.inputs);
      assert.equal(outs.warning, undefined);
      assert.equal(await messagesIn("allowed"), 5);
    });

    it("counts the messages that a lower maxAge deletes, whenever they were stored", async () => {
      const olds = await made("aged", {}, ["a", "a", "a"]);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await raw.publish("aged.b");
      const { reasons } = await changed(olds, { maxAge: "1s" });
      const [, count, cutoff = ""] =
        /deletes (\d+) of 4 messages at once.* \(all older than (\S+)\)/.exec(reasons[0] ?? "") ??
        [];
      const times = await Promise.all([1, 2, 3, 4].map((seq) => raw.timeOf("aged", seq)));
      const older = times.filter((time) => time.valueOf() < Date.parse(cutoff)).length;
      assert.ok(older >= 3, reasons[0]);
      assert.equal(Number(count), older, reasons[0]);
      assert.deepEqual(await raw.consumers("aged"), []);
    });

    it("says the bytes that a lower maxBytes deletes, and at most how many messages", async () => {
      const olds = await made("sized", {}, ["a", "a", "a"]);
      const bytes = (await raw.streams()).get("sized")?.bytes ?? 0;
      const { reasons } = await changed(olds, { maxBytes: `${bytes - 1}B` });
      assert.deepEqual(reasons, [
        `'maxBytes' is "${bytes - 1}B": the live stream has "unlimited", and the change deletes up to 3 of 3 messages at once (the oldest, 1B of ${bytes}B or a little more); set allowDataLoss: true or { upToMessages: 3 } to let them go, or keep "unlimited"`,
      ]);
    });

    it("keeps what is there where new messages are discarded, and the server does", async () => {
      const olds = await made("full", { discard: "new" }, ["a", "a", "a"]);
      const { inputs, reasons } = await changed(olds, { maxMsgs: 1, maxBytes: "10B" });
      assert.deepEqual([reasons, inputs.warning], [[], undefined]);
      await stream.update("full", olds, inputs);
      assert.equal(await messagesIn("full"), 3);
      // Discarding the old from now on makes the limits count for what is there.
      const unlimited = { maxBytes: undefined, maxMsgs: 1 };
      const { reasons: then } = await changed(inputs, { ...unlimited, discard: "old" });
      assert.deepEqual(then.length, 1, then.join("\n"));
      assert.match(then[0] ?? "", /^'maxMsgs' is 1: .* deletes 2 of 3 messages at once/);
    });

    it("to interest says that what nobody waits for may go", async () => {
      const olds = await made("wanted", {}, ["a", "a"]);
      assert.deepEqual((await changed(olds, { retention: "interest" })).reasons, [
        `'retention' is "interest": the live stream has "limits", and the change deletes up to 2 of 2 messages at once (whatever no consumer waits for); set allowDataLoss: true or { upToMessages: 2 } to let them go, or keep "limits"`,
      ]);
    });

    it("is refused where existing consumers are over new limits, as the server would", async () => {
      const olds = await made("consumed");
      await raw.consumer("consumed", { durable_name: "worker", max_ack_pending: 500 });
      const limits = { maxAckPending: 100 };
      const { reasons } = await changed(olds, { consumerLimits: limits });
      const refusal = await raw.update("consumed", { consumer_limits: { max_ack_pending: 100 } });
      const zero = isOlder(version, "2.12.0") ? ", and takes a limit that is left out for 0" : "";
      assert.equal(refusal?.says, "change to limits violates consumers: worker");
      assert.deepEqual(reasons, [
        `'consumerLimits' is {"maxAckPending":100}: nats-server ${version} refuses the change: "${refusal?.says}"${zero}; lower the settings of these consumers first, or raise the limits`,
      ]);
      assert.deepEqual(
        (await changed(olds, { consumerLimits: { maxAckPending: 500 } })).reasons,
        [],
      );
    });

    it("names fields that the server does not know, and the version that brings them", async () => {
      const olds = await made("versioned");
      const { reasons } = await changed(olds, { allowMsgTtl: true });
      assert.deepEqual(
        reasons,
        isOlder(version, "2.11.0")
          ? [
              `'allowMsgTtl' is true: nats-server ${version} does not know this field and would drop it without a word; remove it, or run nats-server 2.11.0 or newer`,
            ]
          : [],
      );
    });

    it("goes by the version that runs when it is written, which no state keeps", async () => {
      const olds = await made("upgraded");
      const change = { maxConsumers: 3, allowMsgTtl: true, onRefusedChange: "replaceIfEmpty" };
      const later = await changed(olds, { ...change, serverVersion: "2.12.15" });
      const needed = `allowMsgTtl needs nats-server 2.11.0 or newer, which this update brings: ${version} => 2.12.15`;
      assert.deepEqual(
        [later.reasons, later.inputs.warning, later.inputs.serverVersion],
        [[], isOlder(version, "2.11.0") ? needed : undefined, undefined],
      );
      assert.deepEqual((await stream.diff("upgraded", olds, later.inputs)).replaces, []);
      const back = await changed(olds, { maxConsumers: 3, serverVersion: "2.10.29" });
      assert.match(back.reasons[0] ?? "", /nats-server 2\.10\.29 refuses the change/);
    });

    if (!isOlder(version, "2.12.0")) {
      it("is refused where an older version, which the update brings, keeps the stream offline", async () => {
        const olds = await made("atomic", { allowAtomicPublish: true });
        assert.deepEqual((await changed(olds, { serverVersion: "2.11.17" })).reasons, [
          `'allowAtomicPublish' is true: that is what the live stream has, and nats-server 2.11.17 does not know it and would keep the stream offline; take it back in an update of its own while nats-server ${version} runs, and go to 2.11.17 with the next one`,
        ]);
        const older = await changed(olds, { serverVersion: "2.10.29" });
        assert.deepEqual(older.reasons, []);
        assert.equal(
          older.inputs.warning,
          "allowAtomicPublish is lost when the servers restart: nats-server 2.10.29, which this update brings, does not know it",
        );
      });
    }

    it("of a bucket speaks of its history and its values' time to live", async () => {
      const declared = { bucket: "b", history: 3 };
      const { inputs: olds } = await said(keyValue, {}, declared);
      await keyValue.create(olds);
      for (const subject of ["$KV.b.k", "$KV.b.k", "$KV.b.k"]) {
        await raw.publish(subject);
      }
      const { reasons } = await said(keyValue, olds, { bucket: "b", storage: "memory" });
      assert.equal(reasons.length, 2, reasons.join("\n"));
      assert.match(reasons[0] ?? "", /^'storage' is "memory": the live bucket has "file", and/);
      assert.match(reasons[1] ?? "", /^'history' is 1: the live bucket has 3, .* 2 of 3 messages/);
    });

    async function share(name: string, part: number): Promise<string> {
      const { bytes } = (await raw.streams()).get(name) ?? { bytes: 0 };
      return `${Math.round(bytes * part)}B`;
    }
  });
}
