import { strict as assert } from "node:assert";
import { compareClusters, countComparables } from "../../../../ops/parity/compare";
import { parityMarkdown, parityText } from "../../../../ops/parity/report";
import { aConsumer, aStream } from "../../../support/held-streams";

describe("parity", () => {
  const config = { name: "metrics", subjects: ["a.>"], num_replicas: 3, storage: "file" };

  it("finds nothing between equal clusters, whatever servers note and whoever owns", () => {
    const blue = aStream("metrics", {
      config: { ...config, metadata: { "io.tfdc.stack": "blue", "_nats.level": "1" } },
      consumer_detail: [aConsumer("worker")],
    });
    const green = aStream("metrics", {
      config: { ...config, metadata: { "io.tfdc.stack": "green" } },
      consumer_detail: [aConsumer("worker")],
    });
    assert.deepEqual(compareClusters([blue], [green]), []);
    assert.equal(countComparables([blue]), "1 stream, 0 buckets, 1 consumer");
  });

  it("finds what exists on one side only", () => {
    const found = compareClusters([aStream("a")], [aStream("KV_b")]);
    assert.deepEqual(
      found.map(({ kind, name, left, right }) => [kind, name, left, right]),
      [
        ["bucket", "b", "absent", "there"],
        ["stream", "a", "there", "absent"],
      ],
    );
  });

  it("names properties as the program does, and values as a person reads them", () => {
    const [found] = compareClusters(
      [aStream("metrics", { config: { ...config, max_age: 604_800_000_000_000 } })],
      [aStream("metrics", { config: { ...config, max_age: 259_200_000_000_000 } })],
    );
    assert.deepEqual(found, {
      kind: "stream",
      name: "metrics",
      aspect: "configuration",
      property: "maxAge",
      left: '"7d"',
      right: '"3d"',
    });
  });

  it("compares what this release does not know, in the server's words", () => {
    const [found, ...others] = compareClusters(
      [aStream("metrics", { config: { ...config, allow_more: true } })],
      [aStream("metrics", { config: { ...config, allow_more: false } })],
    );
    assert.deepEqual(others, []);
    assert.deepEqual([found?.property, found?.left], ["allow_more", "true"]);
  });

  it("names the properties of a bucket by their own names", () => {
    const bucket = (history: number) =>
      aStream("KV_w", { config: { ...config, name: "KV_w", max_msgs_per_subject: history } });
    const [found] = compareClusters([bucket(5)], [bucket(10)]);
    assert.deepEqual([found?.name, found?.property], ["w", "history"]);
  });

  it("finds messages, sequences and the positions of consumers that differ", () => {
    const blue = aStream("metrics", { consumer_detail: [aConsumer("worker")] });
    const green = aStream("metrics", {
      state: { messages: 4, bytes: 500, first_seq: 2, last_seq: 5, consumer_count: 1 },
      consumer_detail: [aConsumer("worker", { ack_floor: { consumer_seq: 4, stream_seq: 4 } })],
    });
    assert.deepEqual(
      compareClusters([blue], [green]).map(({ name, property }) => `${name}: ${property}`),
      ["metrics > worker: ackFloor", "metrics: messages", "metrics: firstSequence"],
    );
  });

  it("is a table on a terminal, and one of Markdown for a pull request", () => {
    const differences = compareClusters([aStream("a|b")], []);
    assert.equal(
      parityText(["blue", "green"], differences),
      "        name  what       blue   green\nstream  a|b   existence  there  absent",
    );
    assert.equal(
      parityMarkdown(["blue", "green"], differences, ""),
      "### Parity of blue and green\n\n|  | Name | What | blue | green |\n| --- | --- | --- | --- | --- |\n| stream | a\\|b | existence | there | absent |",
    );
    assert.match(parityMarkdown(["blue", "green"], [], "3 streams"), /No difference: 3 streams\.$/);
  });
});
