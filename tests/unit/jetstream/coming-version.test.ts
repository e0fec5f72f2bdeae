import { strict as assert } from "node:assert";
import { BUCKET, STREAM } from "../../../components/jetstream/asset-kinds";
import { settingsOn, versionLeft, versionStep } from "../../../components/jetstream/coming-version";
import { normaliseStream } from "../../../components/jetstream/stream-settings";

const stream = (input: Readonly<Record<string, unknown>> = {}) =>
  normaliseStream({ name: "s", ...input }).settings;
const PLAIN = stream();
const TTL = stream({ allowMsgTtl: true });
const ATOMIC = stream({ allowMsgTtl: true, allowAtomicPublish: true });

describe("versionStep", () => {
  it("says nothing where the servers know every field before and after", () => {
    const nothing = { problems: [], warnings: [] };
    assert.deepEqual(versionStep(STREAM, PLAIN, PLAIN, "2.10.29", "2.11.17"), nothing);
    assert.deepEqual(versionStep(STREAM, PLAIN, PLAIN, "2.12.15", "2.10.29"), nothing);
    assert.deepEqual(versionStep(STREAM, PLAIN, TTL, "2.11.17", "2.12.15"), nothing);
    assert.deepEqual(versionStep(STREAM, TTL, ATOMIC, "2.12.15", "2.12.15"), nothing);
  });

  it("says which fields the update's own version brings, each by its name", () => {
    assert.deepEqual(versionStep(STREAM, PLAIN, ATOMIC, "2.10.29", "2.12.15"), {
      problems: [],
      warnings: [
        "allowMsgTtl needs nats-server 2.11.0 or newer, which this update brings: 2.10.29 => 2.12.15",
        "allowAtomicPublish needs nats-server 2.12.0 or newer, which this update brings: 2.10.29 => 2.12.15",
      ],
    });
    const { properties } = BUCKET.normalise({ bucket: "b", limitMarkerTtl: "1h" });
    assert.deepEqual(
      versionStep(BUCKET, {}, BUCKET.toStream(properties), "2.10.29", "2.11.17").warnings,
      [
        "limitMarkerTtl needs nats-server 2.11.0 or newer, which this update brings: 2.10.29 => 2.11.17",
      ],
    );
  });

  it("says the same of a part of a setting, in both directions", () => {
    const mirror = stream({
      mirror: { name: "o", consumer: { name: "c", deliverSubject: "d" } },
    });
    assert.deepEqual(versionStep(STREAM, {}, mirror, "2.12.15", "2.15.3").warnings, [
      "mirror.consumer needs nats-server 2.14.0 or newer, which this update brings: 2.12.15 => 2.15.3",
    ]);
    const back = versionStep(STREAM, mirror, PLAIN, "2.15.3", "2.12.15");
    assert.deepEqual(
      back.problems.map(({ reason }) => reason),
      [
        '\'mirror.consumer\' is {"deliverSubject":"d","name":"c"}: that is what the live stream has, and nats-server 2.12.15 does not know it and would keep the stream offline; take it back in an update of its own while nats-server 2.15.3 runs, and go to 2.12.15 with the next one',
      ],
    );
  });

  it("refuses what that version does not know either", () => {
    assert.deepEqual(versionStep(STREAM, PLAIN, ATOMIC, "2.10.29", "2.11.17").problems, [
      {
        property: "allowAtomicPublish",
        reason:
          "'allowAtomicPublish' is true: nats-server 2.11.17 does not know this field and would drop it without a word; remove it, or run nats-server 2.12.0 or newer",
      },
    ]);
  });

  it("says what an older version forgets before the asset is written", () => {
    assert.deepEqual(versionStep(STREAM, TTL, PLAIN, "2.11.17", "2.10.29"), {
      problems: [],
      warnings: [
        "allowMsgTtl is lost when the servers restart: nats-server 2.10.29, which this update brings, does not know it",
      ],
    });
  });

  it("refuses to write what an older version keeps offline", () => {
    assert.deepEqual(versionStep(STREAM, ATOMIC, TTL, "2.12.15", "2.11.17"), {
      problems: [
        {
          property: "allowAtomicPublish",
          reason:
            "'allowAtomicPublish' is true: that is what the live stream has, and nats-server 2.11.17 does not know it and would keep the stream offline; take it back in an update of its own while nats-server 2.12.15 runs, and go to 2.11.17 with the next one",
        },
      ],
      warnings: [],
    });
  });
});

describe("settingsOn", () => {
  it("are those of a stream that servers of a version know", () => {
    assert.deepEqual(settingsOn("2.12.15", ATOMIC), ATOMIC);
    assert.deepEqual(settingsOn("2.11.17", ATOMIC), TTL);
    assert.deepEqual(settingsOn("2.10.29", ATOMIC), PLAIN);
  });
});

describe("versionLeft", () => {
  it("is the version that all servers run", () => {
    assert.equal(versionLeft(["2.10.29"], "2.11.17"), "2.10.29");
    assert.equal(versionLeft(["2.11.17", "2.11.17"], "2.11.17"), "2.11.17");
  });

  it("is the oldest of several on the way up, whichever answers first", () => {
    for (const running of [
      ["2.11.17", "2.10.29"],
      ["2.10.29", "2.11.17"],
    ]) {
      assert.equal(versionLeft(running, "2.11.17"), "2.10.29");
      assert.equal(versionLeft(running, "2.12.15"), "2.10.29");
    }
  });

  it("is the newest of several where that is newer than the one that comes", () => {
    assert.equal(versionLeft(["2.10.29", "2.11.17"], "2.10.29"), "2.11.17");
    assert.equal(versionLeft(["2.10.29", "2.12.15", "2.11.17"], "2.11.17"), "2.12.15");
  });
});
