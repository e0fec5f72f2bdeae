import { strict as assert } from "node:assert";
import { showLoss } from "../../components/jetstream/losses";
import { reasonUnasked, tellsLoss, unaskedWords } from "../../components/preview-words";

const CONTENTS = { messages: 50, bytes: 5_000, firstTime: "", lastTime: "", consumers: 0 };

describe("what a warning of a preview is about", () => {
  it("is a loss, exact or not, of one message or many", () => {
    for (const [messages, isExact, all] of [
      [40, true, 50],
      [50, false, 50],
      [1, true, 1],
    ] as const) {
      const loss = { property: "maxMsgs", messages, isExact };
      const warning = `maxMsgs 100 => 10 ${showLoss(loss, { ...CONTENTS, messages: all })}`;
      assert.equal(tellsLoss(warning), true, warning);
      assert.equal(tellsLoss(`exists already, and is taken over as it is; ${warning}`), true);
    }
  });

  it("is no loss where nothing goes", () => {
    for (const warning of [
      "exists already, and is taken over as it is",
      'storage "memory" => "file": the stream is empty, and is deleted and made again; its sequences begin anew',
      "allowMsgTtl needs nats-server 2.11.0 or newer, which this update brings: 2.10.29 => 2.11.17",
    ]) {
      assert.equal(tellsLoss(warning), false, warning);
    }
  });

  it("is a cluster that could not be asked, with the reason", () => {
    const reason =
      "cannot reach the NATS cluster at a:4222: Authorization Violation; check the user";
    assert.equal(reasonUnasked(unaskedWords(reason)), reason);
    assert.equal(reasonUnasked(reason), undefined);
  });
});
