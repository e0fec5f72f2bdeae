import { ApiAudit } from "./drift-audit";
import { RawJetStream } from "./drift-raw";
import { PulumiProject, SPEC_PROGRAM, WITHOUT_CHECKPOINTS } from "./pulumi-project";
import { TestCluster } from "./test-cluster";

/** A stack of streams and buckets on a server whose requests are heard, with a way around Pulumi. */
export class AuditedStack {
  private constructor(
    readonly cluster: TestCluster,
    readonly audit: ApiAudit,
    readonly raw: RawJetStream,
    readonly project: PulumiProject,
  ) {}

  /**
   * Makes them.
   *
   * @param names - of the streams and the buckets, each with the defaults
   * @param words - of the command line that makes them, besides those that it needs
   */
  static async make(
    names: { readonly streams: readonly string[]; readonly buckets?: readonly string[] },
    ...words: string[]
  ): Promise<AuditedStack> {
    const cluster = await TestCluster.start({ size: 1 });
    const project = new PulumiProject(SPEC_PROGRAM, "test", WITHOUT_CHECKPOINTS);
    const audit = await ApiAudit.start(cluster);
    const stack = new AuditedStack(cluster, audit, await RawJetStream.connect(cluster), project);
    try {
      await project.init();
      const plain = (all: readonly string[] = []) =>
        Object.fromEntries(all.map((name) => [name, {}]));
      const connection = { servers: cluster.servers };
      const spec = { connection, streams: plain(names.streams), buckets: plain(names.buckets) };
      project.write("spec.json", JSON.stringify(spec));
      await project.ok("up", "--yes", "--skip-preview", ...words);
      return stack;
    } catch (error) {
      await stack.remove();
      throw error;
    }
  }

  async remove(): Promise<void> {
    await this.raw.close();
    await this.audit.close();
    this.project.remove();
    await this.cluster.stop();
  }
}
