import { UserError } from "../../components/user-error";
import type { Result } from "../toolchain/processes";
import type { LocalStack } from "./paths";

/** What a resource says only because another one, or the whole command, has failed. */
const SAID_ELSEWHERE = [
  /error: (?:update|preview|destroy) failed$/,
  /the reason is given with the resource$/,
  /the reason is given once, with another resource$/,
];

/**
 * What the resources say went wrong, without everything that went well, each reason once, and
 * with commands that reach the local stack.
 */
export function diagnosticsOf(title: string, stack: LocalStack, result: Result): UserError {
  const { stdout, stderr } = result;
  const [, diagnostics] = stdout.split("Diagnostics:\n");
  const [text = ""] = (diagnostics ?? `${stdout}${stderr}`).split(/\n(?:Outputs|Resources):/);
  const told = withoutRepetition(text).replaceAll(
    "pulumi config set ",
    `npm run local -- config set -s ${stack} `,
  );
  return new UserError(`${title}\n${told}`);
}

function withoutRepetition(text: string): string {
  // Each resource has a heading, `  tfdc:Stream (blue-events):`, and its lines below.
  const blocks = text.trim().split(/\n+(?= {2}\S+ \(\S+\):\n)/);
  const kept = blocks
    .map((block) =>
      block.split("\n").filter((line) => !SAID_ELSEWHERE.some((one) => one.test(line))),
    )
    .filter(([, ...lines]) => blocks.length === 1 || lines.some((line) => line.trim() !== ""))
    .map((lines) => lines.join("\n").trimEnd());
  return kept.length === 0 ? text.trim() : kept.join("\n\n").trim();
}
