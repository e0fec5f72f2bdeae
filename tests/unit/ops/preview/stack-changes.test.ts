import { strict as assert } from "node:assert";
import { unaskedWords } from "../../../../components/preview-words";
import { parsePreview, parseState } from "../../../../ops/preview/preview-document";
import { stackChanges } from "../../../../ops/preview/stack-changes";
import { changesOf, previewDocument, previewText } from "../../../support/preview-fixtures";

const SERVERS = ["nats-blue-0", "nats-blue-1", "nats-blue-2"];

describe("what a preview of a local colour says", () => {
  it("is nothing where nothing changes", () => {
    const { changes, unchanged, drift, outcome, refusals, warnings } = changesOf("clean");
    assert.deepEqual(
      { changes, unchanged, drift, outcome, refusals, warnings },
      { changes: [], unchanged: 13, drift: [], outcome: "judged", refusals: [], warnings: [] },
    );
  });

  it("is what would be created, before there is a state", () => {
    const { changes, drift, restarts, reloads } = stackChanges("blue", previewDocument("new"));
    assert.equal(changes.length, 13);
    assert.ok(changes.every(({ operation }) => operation === "create"));
    assert.deepEqual({ drift, restarts, reloads }, { drift: undefined, restarts: [], reloads: [] });
  });

  it("tells drift, edits and both of them apart by the state of the last update", () => {
    const { changes, drift } = changesOf("restart");
    const origins = Object.fromEntries(
      changes.flatMap(({ name, properties }) =>
        properties.map(({ path, origin }) => [`${name} ${path}`, origin]),
      ),
    );
    assert.equal(origins["blue-metrics.v1 description"], "drift");
    assert.equal(origins["blue-metrics.v1 maxAge"], "both");
    assert.equal(origins["blue-alerts.v1 maxAge"], "edit");
    const found = drift?.find(({ name }) => name === "blue-metrics.v1");
    assert.deepEqual(found?.properties, [
      {
        path: "description",
        before: "metrics.v1",
        after: "changed | by `hand` @someone",
        origin: "drift",
      },
      { path: "maxAge", before: "7d", after: "3d", origin: "drift" },
    ]);
  });

  it("calls nothing drift where no state was given", () => {
    const { changes, drift } = stackChanges("blue", previewDocument("restart"));
    assert.equal(drift, undefined);
    const origins = changes.flatMap(({ properties }) => properties.map(({ origin }) => origin));
    assert.deepEqual([...new Set(origins)], ["unknown"]);
  });

  it("notes drift that the code says by now, which no step puts back", () => {
    const before = previewText("state").replaceAll('"maxAge":"30d"', '"maxAge":"1d"');
    const { changes, drift } = stackChanges("blue", previewDocument("clean"), {
      last: parseState(before, ""),
    });
    assert.deepEqual(changes, []);
    assert.deepEqual(
      drift?.map(({ name, isDeclared }) => ({ name, isDeclared })),
      [{ name: "blue-alerts.v1", isDeclared: true }],
    );
  });

  it("names the servers that are restarted, and those that are only reloaded", () => {
    assert.deepEqual(changesOf("restart").restarts, SERVERS);
    assert.deepEqual(changesOf("restart").reloads, []);
    assert.deepEqual(changesOf("reload").restarts, []);
    assert.deepEqual(changesOf("reload").reloads, SERVERS);
  });

  it("does not call the start of a stopped server a restart, nor a reload", () => {
    const { restarts, reloads, drift } = changesOf("unreachable");
    assert.deepEqual({ restarts, reloads }, { restarts: [], reloads: [] });
    assert.deepEqual(
      drift?.flatMap(({ name }) => name).filter((one) => SERVERS.includes(one)),
      SERVERS,
    );
  });

  it("says what is refused, in the words of the preview, and of how many messages it is about", () => {
    const { outcome, refusals, losses } = changesOf("refused");
    assert.equal(outcome, "failed");
    assert.equal(refusals.length, 1);
    assert.equal(refusals[0]?.about, "blue-guard");
    assert.match(
      refusals[0]?.text ?? "",
      /^stream 'alerts_v1': 'maxMsgs' is 10: the live stream has 1000000, and the change deletes 40 of 50 messages at once/,
    );
    assert.equal(losses[0]?.about, "blue-alerts.v1");
  });

  it("says what data goes where it is allowed, once", () => {
    const { outcome, losses, warnings } = changesOf("allowed");
    assert.equal(outcome, "judged");
    assert.deepEqual(
      losses.map(({ about, text }) => `${about}: ${text.slice(0, 56)}`),
      ["blue-alerts.v1: maxMsgs 1000000 => 10 deletes 40 of 50 messages at once,"],
    );
    assert.ok(warnings.every(({ text }) => !text.includes("deletes")));
  });

  it("says what is gone behind Pulumi's back and would be made again", () => {
    const { drift, changes } = changesOf("gone");
    const gone = drift?.filter(({ properties }) => properties === "gone");
    assert.deepEqual(
      gone?.map(({ name }) => name),
      ["blue-events.v1"],
    );
    assert.ok(
      changes.some(({ name, operation }) => name === "blue-events.v1" && operation === "create"),
    );
  });

  it("says that a cluster could not be asked, of how many assets, and calls that no drift", () => {
    const { unreachable, drift } = changesOf("unreachable");
    assert.equal(unreachable.length, 1);
    assert.equal(unreachable[0]?.assets, 6);
    assert.match(unreachable[0]?.reason ?? "", /^connect ECONNREFUSED 127\.0\.0\.1:\d+$/);
    assert.ok(drift?.every(({ type }) => !/Stream|KeyValue/.test(type)));
  });
});

/** A step as the engine prints it; the type is the last of its parents' in the URN. */
const step = (op: string, type: string, name: string, more: object = {}) => ({
  op,
  urn: `urn:pulumi:blue::tfdc-nats::tfdc-nats:index:NatsClusterComponent$${type}::${name}`,
  ...more,
});

describe("what a preview of a colour on Kubernetes says", () => {
  const told = (...steps: object[]) =>
    stackChanges("blue", parsePreview(JSON.stringify({ steps, changeSummary: {} }), "it"));

  it("calls no warning a loss that is about something else", () => {
    const type = "pulumi-nodejs:dynamic/tfdc:Stream";
    const warning = "exists already, and is taken over as it is";
    const { losses } = told(step("create", type, "a", { newState: { type, inputs: { warning } } }));
    assert.deepEqual(losses, []);
  });

  it("counts new assets that could not be compared as not reached, and says why once", () => {
    const type = "pulumi-nodejs:dynamic/tfdc:Stream";
    const reason = "cannot reach the NATS cluster at a:4222: connect ECONNREFUSED; check it";
    const made = (name: string, servers: string, warning?: string) =>
      step("create", type, name, {
        newState: { type, inputs: { connection: { servers: [servers] }, warning } },
      });
    const { losses, unreachable } = told(
      made("a", "a:4222", unaskedWords(reason)),
      made("b", "a:4222"),
      made("c", "c:4222"),
    );
    assert.deepEqual(losses, []);
    assert.deepEqual(unreachable, [{ reason, assets: 2 }]);
  });

  it("names the cluster that is rolled or reloaded, but not while it is made", () => {
    const command = "command:local:Command";
    assert.deepEqual(
      told(
        step("update", command, "nats-blue-roll"),
        step("replace", command, "nats-green-reload"),
        step("update", command, "nats-blue-settled"),
      ),
      {
        ...told(),
        changes: told(
          step("update", command, "nats-blue-roll"),
          step("replace", command, "nats-green-reload"),
          step("update", command, "nats-blue-settled"),
        ).changes,
        restarts: ["nats-blue"],
        reloads: ["nats-green"],
      },
    );
    assert.deepEqual(told(step("create", command, "nats-blue-roll")).restarts, []);
  });

  it("counts the steps of a replacement as one, and its data as gone", () => {
    const type = "pulumi-nodejs:dynamic/tfdc:Stream";
    const { changes, losses } = told(
      step("delete-replaced", type, "a", { oldState: { type, inputs: { name: "a" } } }),
      step("replace", type, "a", {
        oldState: { type, inputs: { name: "a", storage: "file" } },
        newState: { type, inputs: { name: "a", storage: "memory" } },
      }),
      step("create-replacement", type, "a", { newState: { type, inputs: { name: "a" } } }),
    );
    assert.deepEqual(
      changes.map(({ name, operation, properties }) => ({ name, operation, properties })),
      [
        {
          name: "a",
          operation: "replace",
          properties: [{ path: "storage", before: "file", after: "memory", origin: "unknown" }],
        },
      ],
    );
    assert.deepEqual(losses, [{ about: "a", text: "is deleted, with everything that it holds" }]);
  });

  it("counts a deleted volume or namespace as data, and an asset that is retained not", () => {
    const gone = (type: string, inputs: object = {}) =>
      told(step("delete", type, "x", { oldState: { type, inputs } })).losses.length;
    assert.equal(gone("kubernetes:core/v1:PersistentVolumeClaim"), 1);
    assert.equal(gone("kubernetes:core/v1:Namespace"), 1);
    assert.equal(gone("kubernetes:core/v1:ConfigMap"), 0);
    assert.equal(gone("pulumi-nodejs:dynamic/tfdc:KeyValue"), 1);
    assert.equal(gone("pulumi-nodejs:dynamic/tfdc:KeyValue", { deletionPolicy: "retain" }), 0);
  });

  it("does not call two secrets a difference, which nobody can tell", () => {
    const type = "kubernetes:core/v1:Secret";
    const side = (data: unknown) => ({ type, inputs: { stringData: { a: data } } });
    const document = parsePreview(
      JSON.stringify({ steps: [step("refresh", type, "s", { oldState: side("[secret]") })] }),
      "it",
    );
    const { urn } = document?.steps[0] ?? { urn: "" };
    const last = new Map([
      [urn, { stringData: { a: { "4dabf18193072939515e22adb298388d": "1b", ciphertext: "x" } } }],
    ]);
    assert.deepEqual(stackChanges("blue", document, { last }).drift, []);
  });
});

describe("a preview that failed before it began", () => {
  it("is no preview, and says what pulumi said", () => {
    const { outcome, refusals } = stackChanges("blue", parsePreview("", "blue.json"), {
      log: "error: getting stack configuration: invalid YAML file\n",
    });
    assert.equal(outcome, "absent");
    assert.deepEqual(refusals, [
      { about: undefined, text: "error: getting stack configuration: invalid YAML file" },
    ]);
  });
});

describe("a file that is no preview", () => {
  for (const [text, message] of [
    [
      "Previewing update (blue):\n",
      /^blue\.json is not what pulumi preview --json prints: Unexp.*; write its standard output, and nothing else, to the file\.$/,
    ],
    ["[]", /^blue\.json is not what pulumi preview --json prints: it is no object; /],
    [
      '{"steps": 1}',
      /^blue\.json is JSON, but not what pulumi preview --json prints: its steps are no list\.$/,
    ],
    [
      '{"a": 1}',
      /^blue\.json is JSON, but not what pulumi preview --json prints: it has neither steps nor diagnostics\.$/,
    ],
  ] as const) {
    it(`is refused: ${text.trim()}`, () => {
      assert.throws(() => parsePreview(text, "blue.json"), { name: "UsageError", message });
    });
  }

  it("is refused as a state", () => {
    assert.throws(() => parseState("{}", "state.json"), {
      message: "state.json is JSON, but not what pulumi stack export prints: no deployment.",
    });
  });
});
