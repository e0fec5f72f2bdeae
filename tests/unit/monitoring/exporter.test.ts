import { strict as assert } from "node:assert";
import { EXPORTER_PORT, exporterArguments } from "../../../components/monitoring/exporter";
import { METRICS } from "../../../components/monitoring/metric-catalogue";

describe("exporterArguments", () => {
  it("asks for the collectors that the catalogue needs, and no other", () => {
    assert.deepEqual(exporterArguments(), [
      "-port=7777",
      "-healthz",
      "-varz",
      "-connz",
      "-jsz=all",
      "-prefix=nats",
      "-use_internal_server_name",
      "http://localhost:8222",
    ]);
  });

  it("reads the server that it is told", () => {
    assert.equal(exporterArguments("http://127.0.0.1:18222").at(-1), "http://127.0.0.1:18222");
  });

  it("leaves off what makes a series of every connection", () => {
    assert.ok(!exporterArguments().some((word) => word.startsWith("-connz_detailed")));
  });

  it("listens where the reference scrapes", () => {
    assert.equal(EXPORTER_PORT, 7777);
  });
});

describe("The metric catalogue", () => {
  it("names each metric once", () => {
    const names = METRICS.map(({ name }) => name);
    assert.deepEqual([...new Set(names)], names);
  });

  it("says of every metric of the exporter which flag brings it", () => {
    for (const { name, source } of METRICS) {
      assert.equal(source.flag !== undefined, source.server === "exporter", name);
      assert.equal(name.startsWith("nats_"), source.server === "exporter", name);
    }
  });
});
