import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { API_PAGE, writeApiReference } from "./docs/api-reference";
import { dashboardFile, monitoringPage } from "./docs/monitoring-page";
import { PLUGIN_ARGUMENTS, pluginArguments } from "./docs/plugin-arguments";
import { ROOT } from "./local/paths";
import { runMain } from "./terminal/run-main";

/** `npm run docs`: writes the parts of the documentation and of the plugin that are derived. */
runMain(async () => {
  const page = join(ROOT, "docs", "monitoring.md");
  writeFileSync(page, monitoringPage(readFileSync(page, "utf8")));
  mkdirSync(join(ROOT, "docs", "dashboards"), { recursive: true });
  writeFileSync(join(ROOT, "docs", "dashboards", "nats-blue-green.json"), dashboardFile());
  writeFileSync(PLUGIN_ARGUMENTS, pluginArguments());
  await writeApiReference(dirname(API_PAGE));
  return 0;
});
