import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Kubernetes } from "./kubernetes/cluster";
import { installPlugins } from "./plugins/install";
import { programFiles } from "./program-files";
import { PulumiProject } from "./pulumi-project";

const PASSWORDS = ["client", "provisioner", "system", "cluster"] as const;

/** What six servers ask for that share two processors with everything else. */
const SMALL = {
  resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "512Mi" } },
  exporterResources: { requests: { cpu: "5m", memory: "16Mi" } },
  maxMemoryStore: "256MiB",
  settleTimeout: "3m",
};

/** The project's own program in a folder of its own, on the Kubernetes of the tests. */
export class KubernetesProgram {
  private constructor(
    readonly project: PulumiProject,
    readonly colour: string,
    private settings: Readonly<Record<string, unknown>>,
  ) {}

  static async create(
    kubernetes: Kubernetes,
    namespace: string,
    { colour = "blue", ...settings }: Readonly<Record<string, unknown>> & { colour?: string } = {},
  ): Promise<KubernetesProgram> {
    const project = new PulumiProject(programFiles(), colour);
    installPlugins(project);
    const program = new KubernetesProgram(project, colour, {
      target: "kubernetes",
      colour,
      namespace,
      kubeconfig: kubernetes.kubeconfig,
      ...SMALL,
      ...settings,
    });
    await project.init();
    const passwords = PASSWORDS.flatMap((name) => [
      "--secret",
      `tfdc-nats:${name}Password=${passwordOf(name)}`,
    ]);
    await project.ok("config", "set-all", ...passwords);
    program.write();
    return program;
  }

  /** Changes settings of the stack; `undefined` takes one out. */
  configure(changes: Readonly<Record<string, unknown>>): void {
    this.settings = { ...this.settings, ...changes };
    this.write();
  }

  /** Has another colour's stack beside its own, as one checkout has both. */
  adopt(other: KubernetesProgram): void {
    for (const path of [
      `Pulumi.${other.colour}.yaml`,
      join("state", ".pulumi", "stacks", "tfdc-nats", `${other.colour}.json`),
    ]) {
      cpSync(join(other.project.directory, path), join(this.project.directory, path));
    }
  }

  remove(): void {
    this.project.remove();
  }

  /** The passwords stay as the command line has encrypted them. */
  private write(): void {
    const path = join(this.project.directory, `Pulumi.${this.colour}.yaml`);
    const lines = readFileSync(path, "utf8").split("\n");
    const [head, config] = [lines.slice(0, lines.indexOf("config:")), lines.join("\n")];
    const secrets = config.match(/^ {2}tfdc-nats:\w+Password:\n {4}secure: .*$/gm) ?? [];
    const settings = Object.entries(this.settings)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `  tfdc-nats:${key}: ${JSON.stringify(value)}`);
    writeFileSync(path, [...head, "config:", ...settings, ...secrets, ""].join("\n"));
  }
}

/** The password that a test's stack has under a name. */
export function passwordOf(name: (typeof PASSWORDS)[number]): string {
  return `${name}-password-of-a-test`;
}
