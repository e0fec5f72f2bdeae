// What Pulumi runs: index.ts, which jiti translates where a file has changed.
require("@tfdc/pulumi-nats/program-start");
const { createJiti } = require("jiti");
module.exports = createJiti(__filename)("./index.ts");
