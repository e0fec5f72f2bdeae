import { spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./local/paths";
import { runMain } from "./terminal/run-main";
import { ensureNatsCli } from "./toolchain/nats-cli";
import { ensureNatsServer } from "./toolchain/nats-server";
import { ending } from "./toolchain/processes";
import { ensurePulumi } from "./toolchain/pulumi";
import { SERVER_VERSION } from "./toolchain/versions";

/**
 * `npm run bench -- [few] [many] [growth] [start]`: measures many streams on one cluster, beside what
 * the same work costs bare, and the preview of a colour beside that of an empty program.
 */
runMain(async () => {
  await ensureNatsServer(SERVER_VERSION);
  const env = {
    ...process.env,
    TFDC_NATS_PULUMI: await ensurePulumi(),
    TFDC_NATS_CLI: await ensureNatsCli(),
  };
  const words = ["--import", "tsx", join(ROOT, "tests", "bench", "bench.ts")];
  const child = spawn(process.execPath, [...words, ...process.argv.slice(2)], {
    cwd: ROOT,
    env,
    stdio: "inherit",
  });
  return (await ending(child)).code;
});
