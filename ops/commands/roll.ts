import { UserError } from "@tfdc/pulumi-nats/internal/user-error";
import { findCluster } from "../cluster/discover";
import { withClusterOptions } from "../cluster/options";
import { EXIT } from "../exit-codes";
import { counted, listed } from "../health/finding";
import { holding } from "../lock";
import { observe } from "../observe/observe";
import { rollPlan, type Turn } from "../roll/plan";
import { restartOf } from "../roll/restart";
import { roll as rollServers } from "../roll/roll";
import { agreed } from "../terminal/ask";
import { paint } from "../terminal/colours";
import { print, printJson, say } from "../terminal/print";
import { defineCommand } from "./command";

export const roll = defineCommand({
  command: "roll [colour]",
  describe: "Restart the servers one at a time, the meta leader last, each as a lame duck",
  examples: [
    ["roll blue --dry-run", "the order, and what is away meanwhile"],
    ["roll blue --yes", "without asking"],
  ],
  options: (command) =>
    withClusterOptions(
      command.positional("colour", { type: "string", describe: "the colour to roll" }),
    ).options({
      "dry-run": { type: "boolean", describe: "print the plan and do nothing" },
      yes: { alias: "y", type: "boolean", describe: "do not ask" },
    }),
  run: async (args) => {
    const cluster = findCluster(args, args.colour);
    const plan = rollPlan(await observe(cluster));
    const isText = args.output === "text";
    if (args.dryRun === true) {
      if (isText) {
        print(planText(cluster.name, plan));
      } else {
        printJson({ cluster: cluster.name, plan });
      }
      return EXIT.good;
    }
    const restart = restartOf(cluster);
    if (restart === undefined) {
      throw new UserError(
        `the servers of '${cluster.name}' were not found through a stack, so it is not known what runs them: name the stack with -s, or roll them where they run.`,
      );
    }
    say(planText(cluster.name, plan));
    if (!(await agreed(`${counted(plan.length, "server")} will be restarted.`, args.yes))) {
      return EXIT.problem;
    }
    const done = await holding(cluster, "roll", () => rollServers(cluster, restart));
    if (isText) {
      print(`${paint("green", "✓")} ${cluster.name}: restarted ${done.join(", ")}`);
    } else {
      printJson({ cluster: cluster.name, restarted: done });
    }
    return EXIT.good;
  },
});

function planText(cluster: string, plan: readonly Turn[]): string {
  const lines = plan.map(({ server, role, alone }, index) => {
    const away =
      alone.length === 0 ? "" : `; away meanwhile, as it holds them alone: ${listed(alone)}`;
    return `  ${index + 1}. ${server} (${role})${away}`;
  });
  return [
    `${cluster}, one server at a time; each is a lame duck first, and the next one waits until all are settled again:`,
    ...lines,
  ].join("\n");
}
