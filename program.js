// What Pulumi runs: index.ts, for which TypeScript is loaded only where a file has changed.
const { typeScriptProgram } = require("@tfdc/pulumi-nats/program-start");
module.exports = typeScriptProgram(require.resolve("./index.ts"));
