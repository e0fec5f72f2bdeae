import { strict as assert } from "node:assert";
import type { StreamInfo } from "@nats-io/jetstream";
import type { DeletionPolicy } from "../../../components/asset-options";
import { called, removalReason } from "../../../components/provider/removal";

function info(name: string, messages = 0, more: object = {}): StreamInfo {
  return { config: { name, ...more }, state: { messages, bytes: 10 } } as unknown as StreamInfo;
}

function reason(
  subject: StreamInfo,
  others: readonly StreamInfo[] = [],
  leaving: readonly string[] = [],
  policy: DeletionPolicy = "refuseIfNotEmpty",
): string | undefined {
  const live = new Map([subject, ...others].map((one) => [one.config.name, one]));
  return removalReason("cluster 'blue'", subject, policy, live, new Set(leaving));
}

describe("the reason not to delete a stream", () => {
  it("is none where it is empty and nobody copies it", () => {
    assert.equal(reason(info("a"), [info("b")]), undefined);
  });

  it("is the messages that it holds", () => {
    assert.equal(
      reason(info("KV_b", 2)),
      `the bucket 'b' of cluster 'blue' is not deleted: it holds 2 messages (10 bytes). Set deletionPolicy: "delete" to delete them with it, or "retain" to leave it on the servers, and run 'pulumi up' once so that the policy is known; or empty it first.`,
    );
  });

  it("is a mirror or a source of it that stays", () => {
    const mirror = info("m", 0, { mirror: { name: "a" } });
    const source = info("s", 0, { sources: [{ name: "x" }, { name: "a" }] });
    assert.equal(
      reason(info("a"), [mirror, source]),
      `the stream 'a' of cluster 'blue' is not deleted: the stream 'm' and the stream 's' copy its messages. Remove that mirror or source first, or set deletionPolicy: "delete".`,
    );
    assert.match(reason(info("a"), [mirror, source], ["s"]) ?? "", /the stream 'm' copies its/);
    assert.equal(reason(info("a"), [mirror, source], ["m", "s"]), undefined);
  });

  it("is no copy of a stream of that name elsewhere", () => {
    const external = { api: "$JS.green.API" };
    assert.equal(reason(info("a"), [info("m", 0, { mirror: { name: "a", external } })]), undefined);
  });

  it("is none where the policy says so", () => {
    assert.equal(reason(info("a", 5), [], [], "delete"), undefined);
    assert.equal(reason(info("a", 5), [], [], "retain"), undefined);
  });
});

describe("a stream in a message", () => {
  it("goes by the name of the bucket that it holds", () => {
    assert.equal(called("KV_carts"), "bucket 'carts'");
    assert.equal(called("orders_v1"), "stream 'orders_v1'");
  });
});
