import type { NatsConnection, Subscription } from "nats";
import type { TestCluster } from "./test-cluster";

/** Counts what a cluster's JetStream is asked, from the advisory that the server sends of each. */
export class ApiAudit {
  private subjects: string[] = [];

  private constructor(
    private readonly client: NatsConnection,
    private readonly subscription: Subscription,
  ) {
    void this.listen();
  }

  static async start(cluster: TestCluster): Promise<ApiAudit> {
    const client = await cluster.client();
    const audit = new ApiAudit(client, client.subscribe("$JS.EVENT.ADVISORY.API"));
    await client.flush();
    return audit;
  }

  /** The requests since the last call, such as `STREAM.UPDATE.metrics_v1`. */
  async since(): Promise<string[]> {
    await new Promise((resolve) => setTimeout(resolve, 100));
    await this.client.flush();
    const heard = this.subjects;
    this.subjects = [];
    return heard;
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  private async listen(): Promise<void> {
    for await (const message of this.subscription) {
      const { subject } = message.json<{ subject: string }>();
      this.subjects.push(subject.replace(/^\$JS\.API\./, ""));
    }
  }
}

/** The requests that change something. */
export function writes(requests: readonly string[]): string[] {
  return requests.filter((request) => /^STREAM\.(CREATE|UPDATE|DELETE)\./.test(request));
}
