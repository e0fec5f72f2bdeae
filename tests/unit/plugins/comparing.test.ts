import { strict as assert } from "node:assert";
import { differences, overlay, prune } from "../../support/plugins/kubernetes/comparing";
import { forcesReplacement } from "../../support/plugins/kubernetes/replacements";
import { asSecret, plain, UNKNOWN, withSecretsOf } from "../../support/plugins/values";

describe("the stand-in of pulumi-kubernetes", () => {
  it("compares what the inputs say, and not what the cluster adds", () => {
    const inputs = { spec: { ports: [{ port: 1 }], selector: { app: "nats" } } };
    const live = {
      spec: { ports: [{ port: 1, nodePort: 7 }], selector: { app: "nats" }, clusterIP: "None" },
      status: {},
    };
    assert.deepEqual(prune(live, inputs), inputs);
  });

  it("sees an element that somebody added to a list, whole", () => {
    const live = { ports: [{ port: 1, nodePort: 7 }, { port: 2 }] };
    assert.deepEqual(prune(live, { ports: [{ port: 1 }] }), { ports: [{ port: 1 }, { port: 2 }] });
  });

  it("names every property that differs by its path", () => {
    const old = { data: { "nats.conf": "a", kept: "b" }, list: [1, 2], gone: true };
    const now = { data: { "nats.conf": "c", kept: "b" }, list: [1], added: UNKNOWN, empty: {} };
    assert.deepEqual(Object.fromEntries(differences(old, now)), {
      'data["nats.conf"]': "UPDATE",
      "list[1]": "DELETE",
      gone: "DELETE",
      added: "ADD",
    });
  });

  it("takes the API server's words for the same value", () => {
    const inputs = { requests: { cpu: "1000m" }, names: ["a"] };
    const served = { requests: { cpu: "1", memory: "1Gi" }, names: ["a"], more: 1 };
    assert.deepEqual(overlay(inputs, served), { requests: { cpu: "1" }, names: ["a"] });
  });

  it("replaces what cannot change, and content that may not change in place", () => {
    const set = { apiVersion: "apps/v1", kind: "StatefulSet" };
    const config = { apiVersion: "v1", kind: "ConfigMap" };
    const [mutable, immutable] = [true, false].map((on) => ({ configMaps: on, secrets: on }));
    assert.ok(mutable !== undefined && immutable !== undefined);
    assert.equal(forcesReplacement(set, "spec.serviceName", mutable), true);
    assert.equal(forcesReplacement(set, "spec.volumeClaimTemplates[0].spec", mutable), true);
    assert.equal(forcesReplacement(set, "spec.replicas", mutable), false);
    assert.equal(forcesReplacement(set, "metadata.name", mutable), true);
    assert.equal(forcesReplacement(config, 'data["nats.conf"]', mutable), false);
    assert.equal(forcesReplacement(config, 'data["nats.conf"]', immutable), true);
    const fixed = { ...config, immutable: true };
    assert.equal(forcesReplacement(fixed, "data.colour", mutable), true);
  });

  it("keeps secret what the inputs mark", () => {
    const inputs = { data: asSecret({ password: "x" }), list: ["a", asSecret("b")], open: "c" };
    const marked = withSecretsOf(inputs, plain(inputs));
    assert.deepEqual(marked, {
      data: asSecret({ password: "x" }),
      list: asSecret(["a", "b"]),
      open: "c",
    });
  });
});
