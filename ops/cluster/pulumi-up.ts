import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "@tfdc/pulumi-nats/internal/user-error";
import { UsageError } from "../usage-error";

/** Whether the configuration of a stack puts its colour on this machine. */
export function livesHere(root: string, stack: string): boolean {
  const path = join(root, `Pulumi.${stack}.yaml`);
  if (!existsSync(path)) {
    throw new UsageError(
      `there is no stack '${stack}' in this project: Pulumi.${stack}.yaml is not in ${root}.`,
    );
  }
  return /^ +tfdc-nats:target: *["']?local\b/m.test(readFileSync(path, "utf8"));
}

/** Runs `pulumi up` of a stack, which finds it as `npm run local` or the user's own login does. */
export async function pulumiUp(root: string, stack: string): Promise<void> {
  const words = ["up", "-s", stack, "--yes", "--skip-preview", "--suppress-outputs"];
  const [program, parameters] = livesHere(root, stack)
    ? [process.execPath, [join(root, "scripts", "bootstrap.mjs"), "local", ...words]]
    : ["pulumi", words];
  const child = spawn(program, parameters, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((done, failed) => {
    child.once("error", (error) =>
      failed(new UserError(`pulumi up of ${stack} cannot be run: ${error.message}.`)),
    );
    child.once("close", done);
  });
  if (code !== 0) {
    throw new UserError(`pulumi up of ${stack} ended with ${code}:\n${output.trim()}`);
  }
}
