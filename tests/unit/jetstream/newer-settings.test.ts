import { strict as assert } from "node:assert";
import {
  NEWER_SETTINGS,
  settingsUnknownTo,
  versionProblems,
} from "../../../components/jetstream/newer-settings";
import { STREAM_FIELDS } from "../../../components/jetstream/stream-fields";
import { normaliseStream } from "../../../components/jetstream/stream-settings";

function settingsOf(stream: Readonly<Record<string, unknown>>) {
  return normaliseStream(stream).settings;
}

describe("NEWER_SETTINGS", () => {
  it("has newer fields, and newer parts of fields under their paths", () => {
    assert.deepEqual(
      NEWER_SETTINGS.filter(({ since }) => since === "2.14.0").map(({ property }) => property),
      ["mirror.consumer", "sources.consumer", "allowBatchPublish"],
    );
  });
});

describe("versionProblems", () => {
  it("names every field that an older server would drop", () => {
    const settings = settingsOf({ name: "x", allowMsgTtl: true, persistMode: "async" });
    assert.deepEqual(versionProblems(settings, "2.10.29"), [
      {
        property: "allowMsgTtl",
        reason:
          "'allowMsgTtl' is true: nats-server 2.10.29 does not know this field and would drop it without a word; remove it, or run nats-server 2.11.0 or newer",
      },
      {
        property: "persistMode",
        reason:
          "'persistMode' is \"async\": nats-server 2.10.29 does not know this field and would drop it without a word; remove it, or run nats-server 2.12.0 or newer",
      },
    ]);
    assert.deepEqual(
      versionProblems(settings, "2.11.17").map(({ property }) => property),
      ["persistMode"],
    );
    assert.deepEqual(versionProblems(settings, "2.12.0"), []);
  });

  it("has a gate at every newer field, exactly where its version begins", () => {
    const used: Readonly<Record<string, unknown>> = {
      subjectDeleteMarkerTtl: "1m",
      persistMode: "async",
    };
    for (const { name, since } of STREAM_FIELDS.filter((field) => field.since !== undefined)) {
      const settings = settingsOf({ name: "x", [name]: used[name] ?? true });
      const [, minor] = (since ?? "").split(".").map(Number);
      assert.deepEqual(
        versionProblems(settings, `2.${Number(minor) - 1}.99`).map(({ property }) => property),
        [name],
      );
      assert.deepEqual(versionProblems(settings, since ?? ""), []);
    }
  });

  it("has nothing against the defaults of newer fields", () => {
    assert.deepEqual(versionProblems(settingsOf({ name: "x" }), "2.10.0"), []);
  });
});

describe("versionProblems of parts", () => {
  const consumer = { name: "copy", deliverSubject: "deliver.copy" };

  it("name the part by its path, where its version begins", () => {
    const mirror = settingsOf({ name: "x", mirror: { name: "o", consumer } });
    assert.deepEqual(
      versionProblems(mirror, "2.12.15").map(({ reason }) => reason),
      [
        '\'mirror.consumer\' is {"deliverSubject":"deliver.copy","name":"copy"}: nats-server 2.12.15 does not know this field and would drop it without a word; remove it, or run nats-server 2.14.0 or newer',
      ],
    );
    assert.deepEqual(versionProblems(mirror, "2.14.0"), []);
  });

  it("name a source by its name", () => {
    const sources = settingsOf({ name: "x", sources: [{ name: "p" }, { name: "o", consumer }] });
    assert.deepEqual(
      settingsUnknownTo("2.12.15", sources).map(({ property }) => property),
      ['sources["o"].consumer'],
    );
  });
});

describe("versionProblems of a window", () => {
  it("hold none of a stream with sources against servers that would give it one", () => {
    const stream = settingsOf({ name: "x", sources: [{ name: "o" }], duplicateWindow: "none" });
    assert.deepEqual(
      versionProblems(stream, "2.12.15").map(({ reason }) => reason),
      [
        '\'duplicateWindow\' is "none": nats-server 2.12.15 puts its default in the place of none in a stream with sources; use "2m" or leave it out, or run nats-server 2.14.0 or newer',
      ],
    );
    assert.deepEqual(versionProblems(stream, "2.14.0"), []);
    assert.deepEqual(settingsUnknownTo("2.12.15", stream), []);
  });

  it("have nothing against a mirror, which has none on any", () => {
    assert.deepEqual(
      versionProblems(settingsOf({ name: "x", mirror: { name: "o" } }), "2.10.0"),
      [],
    );
  });
});
