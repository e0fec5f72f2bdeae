import { LocalPulumi } from "./local/pulumi";
import { runMain } from "./terminal/run-main";

/** `npm run local -- <pulumi arguments>`: pulumi with the local stacks, exit code and all. */
runMain(async () => {
  const pulumi = await LocalPulumi.ready();
  return pulumi.pass(process.argv.slice(2));
});
