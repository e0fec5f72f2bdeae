import { strict as assert } from "node:assert";
import { diagnose, type View } from "../../../../ops/split-brain/views";

describe("a cluster's view of itself", () => {
  const view = (server: string, routes: string, metaLeader?: string): View => ({
    server,
    answers: true,
    routes: [...routes],
    ...(metaLeader === undefined ? {} : { metaLeader }),
  });

  it("is whole where every server sees every other", () => {
    const views = [view("a", "bc", "a"), view("b", "ac", "a"), view("c", "ab", "a")];
    assert.deepEqual(diagnose(views, 3), {
      isWhole: true,
      groups: [["a", "b", "c"]],
      findings: [],
    });
  });

  it("names the pair without a route, also where only one end believes in it", () => {
    const views = [view("a", "bc", "b"), view("b", "ac", "b"), view("c", "b", "b")];
    const { isWhole, findings } = diagnose(views, 3);
    assert.equal(isWhole, false);
    assert.equal(findings.length, 1);
    assert.match(findings[0] ?? "", /^a and c have no route to each other; check the network/);
  });

  it("names the parts, and which of them goes on", () => {
    const views = [view("a", "b", "a"), view("b", "a", "a"), view("c", "", "c")];
    const { groups, findings } = diagnose(views, 3);
    assert.deepEqual(groups, [["a", "b"], ["c"]]);
    assert.match(
      findings.join("\n"),
      /fallen into 2 parts: a, b \| c; a, b go on, the others refuse writes/,
    );
    assert.match(findings.join("\n"), /different meta leaders \(a, c\)/);
  });

  it("says that no part has a quorum", () => {
    const views = [view("a", ""), view("b", ""), { server: "c", answers: false, routes: [] }];
    const { findings } = diagnose(views, 3);
    assert.match(findings[0] ?? "", /^c does not answer; see whether it runs/);
    assert.match(findings.join("\n"), /a \| b; none has a quorum/);
    assert.match(findings.join("\n"), /no meta leader: 1 of 3 servers see each other, and 2 are/);
  });
});
