import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { killAll, processTree, treeOf } from "../../../../scripts/testing/process-tree";

describe("the processes under a test", () => {
  it("are listed each after the one that started it, and nobody else's", () => {
    const list = `    1     0 10-02:00:00 init
   20     1       05:00 node mocha a.test.ts
   21     1       05:00 node mocha b.test.ts
   30    20       04:59 npm start
   31    21       04:59 sleep 1
   32    20       00:01 ps -eo pid=
   40    30       04:50 nats-server  -c  nats.conf
`;
    assert.deepEqual(
      treeOf(20, list).map(({ pid, since, words }) => `${pid} ${since} ${words}`),
      [
        "20 05:00 node mocha a.test.ts",
        "30 04:59 npm start",
        "40 04:50 nats-server  -c  nats.conf",
        "32 00:01 ps -eo pid=",
      ],
    );
  });

  it("are none where the process has ended", () => {
    assert.deepEqual(treeOf(20, "    1     0 10-02:00:00 init\n"), []);
  });

  it("are killed with what they started, also those that have ended already", async () => {
    const child = spawn("sh", ["-c", "sleep 61 & wait"], { stdio: "ignore" });
    const ended = once(child, "exit");
    let tree = processTree(child.pid ?? 0);
    while (tree.length < 2) {
      tree = processTree(child.pid ?? 0);
    }
    assert.equal(tree[1]?.words, "sleep 61");
    killAll(tree);
    assert.deepEqual(await ended, [null, "SIGKILL"]);
    const left = processTree(1).find(({ pid }) => pid === tree[1]?.pid);
    assert.notEqual(left?.words, "sleep 61");
    killAll(tree);
  });
});
