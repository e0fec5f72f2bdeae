import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import { problem } from "../../components/jetstream/problems";
import { PropertyProblems, refuseProblems } from "../../components/property-problems";
import { Stream } from "../../components/stream";
import { recordRegistrations } from "../support/registrations";

const few = problem("replicas", 2, "an even number of servers elects nobody", "use 3");
const late = problem("maxAge", "soon", "it must be a duration", 'use "7d"');

describe("PropertyProblems", () => {
  it("lists every problem on a line of its own", () => {
    assert.equal(
      new PropertyProblems("the declaration of 'blue'", [few, late], undefined).message,
      [
        "the declaration of 'blue' has 2 problems:",
        "- 'replicas' is 2: an even number of servers elects nobody; use 3",
        '- \'maxAge\' is "soon": it must be a duration; use "7d"',
      ].join("\n"),
    );
  });

  it("counts to one", () => {
    assert.match(new PropertyProblems("it", [few], undefined).message, /^it has one problem:\n- /);
  });

  it("is a property error each, behind a component provider", () => {
    const error = new PropertyProblems("it", [few, late], undefined);
    assert.equal(pulumi.InputPropertiesError.isInstance(error), true);
    assert.deepEqual(error.errors, [
      { propertyPath: "replicas", reason: few.reason },
      { propertyPath: "maxAge", reason: late.reason },
    ]);
  });

  it("is an error of its resource whose stack Pulumi hides, in a program", async () => {
    await recordRegistrations("tfdc-nats", "blue");
    const resource = new Stream("x", { name: "x", connection: { servers: ["a:1"] } });
    const error: unknown = new PropertyProblems("it", [few], resource);
    assert.ok(pulumi.ResourceError.isInstance(error));
    assert.equal(error.hideStack, true);
    assert.equal(error.resource, resource);
  });

  it("goes by its own name, as an error", () => {
    const error = new PropertyProblems("it", [few], undefined);
    assert.ok(error instanceof Error);
    assert.equal(error.name, "PropertyProblems");
  });
});

describe("refuseProblems", () => {
  it("has nothing against no problems", () => {
    assert.doesNotThrow(() => refuseProblems("it", []));
  });

  it("throws all problems in one", () => {
    assert.throws(
      () => refuseProblems("it", [few, late]),
      (error) => error instanceof PropertyProblems && error.errors?.length === 2,
    );
  });
});
