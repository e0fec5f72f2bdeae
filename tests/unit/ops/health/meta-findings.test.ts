import { strict as assert } from "node:assert";
import { isBehind, metaFindings } from "../../../../ops/health/meta-findings";
import type { Subject } from "../../../../ops/health/subject";
import type { Varz } from "../../../../ops/observe/answers";
import { metaOf, type Observation } from "../../../../ops/observe/observation";

const NAMES = ["nats-blue-0", "nats-blue-1", "nats-blue-2"];

/** A cluster whose servers have applied so much of ten decisions, in their order. */
function at(...applied: readonly (number | undefined)[]): Observation {
  return {
    servers: NAMES.map((name, index) => {
      const done = applied[index];
      const varz: Varz = { server_id: name, server_name: name, version: "2.10.29" };
      return { name, varz, ...(done !== undefined && { meta: { committed: 10, applied: done } }) };
    }),
  };
}

function found(
  before: Observation,
  observation: Observation,
  change: Partial<Subject["cluster"]> = {},
): string[] {
  return metaFindings({
    observation,
    before: { observation: before, seconds: 6 },
    now: new Date(),
    cluster: { name: "blue", connection: { servers: [] }, ...change },
  }).map(({ severity, what, remedy }) => `${severity}: ${what}; ${remedy}`);
}

describe("what the meta group agreed on and servers do not carry out", () => {
  it("names a server that stands where it stood", () => {
    assert.deepEqual(found(at(10, 7, 10), at(10, 7, 10)), [
      "critical: nats-blue-1 has carried out nothing for 6 s of what the meta group agreed on (up to 3 decisions): streams and consumers are neither made nor deleted there; only a restart ends that, one server at a time",
    ]);
  });

  it("names all of them in one line, and how many decisions wait at most", () => {
    assert.match(
      found(at(9, 7, 10), at(9, 7, 10)).join("\n"),
      /^critical: nats-blue-0, nats-blue-1 have carried out nothing .* \(up to 3 decisions\): [^\n]*$/,
    );
  });

  it("says how such servers are restarted on Kubernetes, and here", () => {
    const kubernetes = { namespace: "nats", service: "nats-blue-headless" };
    assert.match(
      found(at(7, 10, 7), at(7, 10, 7), { connection: { kubernetes } })[0] ?? "",
      /one server at a time: kubectl -n nats delete pod nats-blue-0 nats-blue-2$/,
    );
    assert.match(
      found(at(7, 10, 10), at(7, 10, 10), { processes: [], stack: "local-blue" })[0] ?? "",
      /end its process, and start it again with: npm run local -- up -s local-blue$/,
    );
  });

  it("is content with a server that is behind and comes nearer", () => {
    assert.deepEqual(found(at(10, 7, 10), at(10, 8, 10)), []);
  });

  it("is content with a server that has done everything, though nothing is new", () => {
    assert.deepEqual(found(at(10, 10, 10), at(10, 10, 10)), []);
  });

  it("does not judge a server that was not behind before, or that nothing is known of", () => {
    assert.deepEqual(found(at(10, 10, undefined), at(9, undefined, 7)), []);
  });

  it("judges nothing by a single look", () => {
    const cluster = { name: "blue", connection: { servers: [] } };
    assert.deepEqual(metaFindings({ observation: at(1, 1, 1), now: new Date(), cluster }), []);
  });

  it("wants another look where anybody is behind", () => {
    assert.equal(isBehind(at(10, 10, undefined)), false);
    assert.equal(isBehind(at(10, 9, 10)), true);
  });

  it("is read of the system account's groups, whatever that is called", () => {
    const meta = { committed: 3, applied: 2 };
    assert.deepEqual(metaOf({ SYS: { _meta_: meta } }), meta);
    assert.equal(metaOf({ SYS: {} }), undefined);
    assert.equal(metaOf(undefined), undefined);
  });
});
