import { delimiter, join } from "node:path";
import { LOCAL, ROOT } from "./paths";
import { PASSPHRASE_FILE } from "./secrets";

/**
 * The environment in which pulumi knows the local stacks: a state, a home and a passphrase of
 * their own, so that `npx pulumi` and the user's login stay as they are.
 *
 * @param pulumi - folder of the command line
 */
export function localEnvironment(pulumi: string): NodeJS.ProcessEnv {
  const {
    PULUMI_CONFIG_PASSPHRASE: _theirs,
    PULUMI_STACK: _theirStack,
    ...inherited
  } = process.env;
  return {
    ...inherited,
    PATH: [pulumi, join(ROOT, "node_modules", ".bin"), process.env.PATH ?? ""].join(delimiter),
    PULUMI_BACKEND_URL: `file://${join(LOCAL, "state")}`,
    PULUMI_HOME: join(LOCAL, "pulumi-home"),
    PULUMI_CONFIG_PASSPHRASE_FILE: PASSPHRASE_FILE,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // The local stacks use no plugin that would have to be downloaded.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_OPTION_SKIP_PLUGIN_PRE_INSTALL: "true",
  };
}
