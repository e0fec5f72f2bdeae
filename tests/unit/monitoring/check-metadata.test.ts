import { strict as assert } from "node:assert";
import { normaliseStream } from "../../../components/jetstream/stream-settings";
import { streamCheckMetadata } from "../../../components/monitoring/check-metadata";

describe("streamCheckMetadata", () => {
  const metadata = (input: Readonly<Record<string, unknown>>) =>
    streamCheckMetadata(normaliseStream({ name: "a", ...input }).settings);

  it("expects the declared replicas, no further behind than the alerts allow", () => {
    assert.deepEqual(metadata({ replicas: 3 }), {
      "io.nats.monitor.enabled": "true",
      "io.nats.monitor.peer-expect": "3",
      "io.nats.monitor.peer-lag-critical": "200",
      "io.nats.monitor.peer-seen-critical": "10s",
    });
  });

  it("expects nothing of the peers of a stream that has none", () => {
    assert.deepEqual(metadata({ replicas: 1 }), { "io.nats.monitor.enabled": "true" });
  });

  it("expects every source of a stream, and that it or a mirror keeps up", () => {
    const lag = {
      "io.nats.monitor.enabled": "true",
      "io.nats.monitor.lag-critical": "1000",
      "io.nats.monitor.seen-critical": "30s",
    };
    assert.deepEqual(metadata({ mirror: { name: "b" } }), lag);
    assert.deepEqual(metadata({ sources: [{ name: "b" }, { name: "c" }] }), {
      ...lag,
      "io.nats.monitor.min-sources": "2",
    });
  });
});
