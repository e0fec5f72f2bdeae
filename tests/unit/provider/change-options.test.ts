import { strict as assert } from "node:assert";
import { changeOptionsOf } from "../../../components/provider/change-options";

describe("what the user allows of a change", () => {
  it("is nothing where nothing is said", () => {
    const careful = {
      allowDataLoss: false,
      acknowledgeIrreversible: false,
      onRefusedChange: "fail",
      backupDirectory: ".tfdc-nats/backups",
      keepBackup: false,
      serverVersion: undefined,
    };
    assert.deepEqual(changeOptionsOf({}), careful);
    const allowed = { ...careful, allowDataLoss: { upToMessages: 5 } };
    assert.deepEqual(changeOptionsOf({ allowDataLoss: { upToMessages: 5 } }), allowed);
  });
});
