import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { STREAM_FIELDS } from "../../../components/jetstream/stream-fields";
import { PLUGIN_ARGUMENTS, pluginArguments } from "../../../scripts/docs/plugin-arguments";

describe("the arguments of the plugin for other languages", function () {
  this.timeout(120_000);
  const written = readFileSync(PLUGIN_ARGUMENTS, "utf8");

  it("are those of JetStreamAssets (npm run docs writes them)", () => {
    assert.equal(written, pluginArguments());
  });

  it("have every field of a stream but its name, in a type that Pulumi's schema knows", () => {
    const [, stream = ""] = /export interface StreamArgs \{\n([\s\S]*?)\n\}/.exec(written) ?? [];
    const types = new Map(
      [...stream.matchAll(/^ {2}readonly (\w+)\??: (.*);$/gm)].map(([, name, type]) => [
        name,
        type,
      ]),
    );
    for (const { name } of STREAM_FIELDS.filter((field) => field.name !== "name")) {
      assert.match(types.get(name) ?? "absent", /^[A-Za-z<>, ]+(\[\])?$/, name);
      assert.notEqual(types.get(name), undefined, name);
    }
  });
});
