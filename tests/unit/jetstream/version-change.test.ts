import { strict as assert } from "node:assert";
import { normaliseStream } from "../../../components/jetstream/stream-settings";
import { versionChangeNote } from "../../../components/jetstream/version-change";

const stream = (input: Readonly<Record<string, unknown>>) => normaliseStream(input).settings;
const PLAIN = stream({ name: "plain", subjects: ["plain.>"] });
const TTL = stream({ name: "ttl", subjects: ["ttl.>"], allowMsgTtl: true });
const ATOMIC = stream({ name: "atomic", subjects: ["atomic.>"], allowAtomicPublish: true });

describe("versionChangeNote", () => {
  it("says nothing of a version of the same series", () => {
    assert.equal(versionChangeNote("2.10.29", "2.10.22", [TTL]), undefined);
    assert.equal(versionChangeNote("2.11.17", "2.11.17", [TTL]), undefined);
  });

  it("says of a newer series which of its settings bar the way back", () => {
    assert.equal(
      versionChangeNote("2.10.29", "2.11.17", [PLAIN]),
      "nats-server 2.10.29 => 2.11.17: the servers restart one by one and keep their streams. On the way back each reads all its messages once when it starts; a stream that uses allowMsgTtl, subjectDeleteMarkerTtl by then loses the setting there without a word. Make a backup first (npx tfdc-nats backup).",
    );
    assert.match(
      versionChangeNote("2.11.17", "2.12.15", [PLAIN]) ?? "",
      /a stream that uses allowMsgCounter, allowAtomicPublish, .+ by then is offline there until a newer version runs again/,
    );
    assert.match(
      versionChangeNote("2.12.15", "2.13.0", [PLAIN]) ?? "",
      /once when it starts\. Make a backup first/,
    );
  });

  it("names parts of settings that bar the way back, by their paths", () => {
    assert.match(
      versionChangeNote("2.12.15", "2.15.3", [PLAIN]) ?? "",
      /a stream that uses mirror\.consumer, sources\.consumer, allowBatchPublish by then is offline/,
    );
    const mirror = stream({
      name: "copy",
      mirror: { name: "o", consumer: { name: "c", deliverSubject: "d" } },
    });
    assert.match(
      versionChangeNote("2.15.3", "2.12.15", [PLAIN, mirror]) ?? "",
      /each is offline there until a newer version runs again: copy \(mirror\.consumer\)\./,
    );
  });

  it("says what the servers' own guide asks for on the way to 2.15 and back", () => {
    assert.match(
      versionChangeNote("2.12.15", "2.15.3", [PLAIN]) ?? "",
      /The upgrade guide of nats-server goes to 2\.15 from 2\.14\.7 or newer: go there first, or change neither replicas nor placements of streams until every server runs the new version\. Make/,
    );
    assert.match(
      versionChangeNote("2.15.3", "2.14.6", [PLAIN]) ?? "",
      /The upgrade guide of nats-server goes back from 2\.15 to 2\.14\.7 or newer only, .+ Make/,
    );
    for (const [from, to] of [
      ["2.14.7", "2.15.3"],
      ["2.15.3", "2.14.10"],
      ["2.12.15", "2.14.10"],
    ] as const) {
      assert.doesNotMatch(versionChangeNote(from, to, [PLAIN]) ?? "", /guide/);
    }
  });

  it("says of a step back what the live streams would lose", () => {
    assert.equal(
      versionChangeNote("2.11.17", "2.10.29", [PLAIN, TTL]),
      "nats-server 2.11.17 => 2.10.29 is a step back: the servers restart one by one and keep their streams, and each reads all its messages once when it starts. Of the streams, these use settings that it does not know, and each loses the setting there without a word: ttl (allowMsgTtl). Make a backup first (npx tfdc-nats backup).",
    );
    assert.match(
      versionChangeNote("2.11.17", "2.10.29", [PLAIN]) ?? "",
      /Of the streams, none uses a setting that the older version does not know\./,
    );
  });

  it("knows that 2.11.9 and newer keep such a stream offline, and that 2.12 goes no further back", () => {
    assert.match(
      versionChangeNote("2.12.15", "2.11.17", [TTL, ATOMIC]) ?? "",
      /each is offline there until a newer version runs again: atomic \(allowAtomicPublish\)\. Make/,
    );
    assert.match(
      versionChangeNote("2.12.15", "2.10.29", [TTL, ATOMIC]) ?? "",
      /without a word: ttl \(allowMsgTtl\), atomic \(allowAtomicPublish\)\. The release notes of nats-server allow a step back from 2\.12 to 2\.11\.9 or newer only\. Make/,
    );
  });
});
