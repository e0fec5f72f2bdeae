// What Pulumi runs: index.ts, which jiti translates where a file has changed.
const { createJiti } = require("jiti");
module.exports = createJiti(__filename)("./index.ts");
