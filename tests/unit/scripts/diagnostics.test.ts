import { strict as assert } from "node:assert";
import { diagnosticsOf } from "../../../scripts/local/diagnostics";

const STDOUT = `Updating (local-blue):

 +  tfdc:LocalNatsServer nats-blue-0 **creating failed** error: taken
Diagnostics:
  pulumi:pulumi:Stack (tfdc-nats-local-blue):
    error: update failed

  pulumi-nodejs:dynamic/tfdc:LocalNatsServer (nats-blue-0):
    error: port 14222 is taken; pulumi config set tfdc-nats:clientPort <first free port>.

Resources:
    + 2 created
`;

describe("diagnosticsOf", () => {
  const told = (stdout: string, stderr = "") =>
    diagnosticsOf("local-blue did not come up:", "local-blue", { code: 1, stdout, stderr }).message;

  it("keeps what the resources say, with commands for the local stack", () => {
    assert.equal(
      told(STDOUT),
      [
        "local-blue did not come up:",
        "pulumi-nodejs:dynamic/tfdc:LocalNatsServer (nats-blue-0):",
        "    error: port 14222 is taken; npm run local -- config set -s local-blue tfdc-nats:clientPort <first free port>.",
      ].join("\n"),
    );
  });

  it("says a reason once that holds for many resources", () => {
    const away = `Diagnostics:
  pulumi-nodejs:dynamic/tfdc:Stream (blue-events.v1):
    error: cannot reach cluster 'blue' either: the reason is given once, with another resource

  pulumi-nodejs:dynamic/tfdc:Stream (blue-alerts.v1):
    error: cannot reach cluster 'blue': connect ECONNREFUSED

  pulumi:pulumi:Stack (tfdc-nats-local-blue):
    refused: the reason is given with the resource

    error: update failed

Resources:
    12 unchanged
`;
    assert.equal(
      told(away),
      [
        "local-blue did not come up:",
        "pulumi-nodejs:dynamic/tfdc:Stream (blue-alerts.v1):",
        "    error: cannot reach cluster 'blue': connect ECONNREFUSED",
      ].join("\n"),
    );
  });

  it("keeps everything where each resource points to another", () => {
    const stack = "  pulumi:pulumi:Stack (a):\n    error: update failed";
    assert.equal(
      told(`Diagnostics:\n${stack}\n\n${stack}\n`),
      `local-blue did not come up:\n${stack.trim()}\n\n${stack}`,
    );
  });

  it("keeps everything where pulumi gave no diagnostics", () => {
    assert.equal(
      told("", "error: no such stack\n"),
      "local-blue did not come up:\nerror: no such stack",
    );
  });
});
