import { strict as assert } from "node:assert";
import { confHash, splitConf } from "../../../components/nats-server/conf-parts";
import { Raw } from "../../../components/nats-server/conf-value";

const CONF = {
  server_name: "a",
  max_payload: 1,
  jetstream: { domain: "blue" },
  cluster: { name: "blue", authorization: { user: "u" }, routes: new Raw("$R") },
};

describe("splitConf", () => {
  it("tells what a reload applies from what only a restart does, in the cluster block too", () => {
    assert.deepEqual(splitConf(CONF), {
      reloadable: {
        max_payload: 1,
        cluster: { authorization: { user: "u" }, routes: new Raw("$R") },
      },
      restartOnly: {
        server_name: "a",
        jetstream: { domain: "blue" },
        cluster: { name: "blue" },
      },
    });
  });

  it("restarts for an option that it does not know", () => {
    assert.deepEqual(splitConf({ leafnodes: { port: 1 } }), {
      reloadable: {},
      restartOnly: { leafnodes: { port: 1 } },
    });
  });
});

describe("confHash", () => {
  it("changes with a value, and with nothing else", () => {
    assert.equal(confHash(CONF), confHash({ ...CONF }));
    assert.notEqual(confHash(CONF), confHash({ ...CONF, max_payload: 2 }));
  });
});
