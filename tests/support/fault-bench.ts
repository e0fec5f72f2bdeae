import { strict as assert } from "node:assert";
import { connect, headers, type NatsConnection } from "nats";
import { ageOf, varz } from "../../components/provider/monitoring-endpoints";
import { examine } from "../../ops/health/examine";
import type { Finding } from "../../ops/health/finding";
import { eventually } from "./eventually";
import { askJetStream } from "./jetstream-request";
import { asCluster } from "./ops-command";
import { PulumiProject, projectFile, type Run, SPEC_PROGRAM } from "./pulumi-project";
import { TestCluster, type TestClusterOptions } from "./test-cluster";

export const PASSWORD = "a-password-of-the-fault-tests";

/**
 * Accounts with a user who may do everything, and one of the system's.
 *
 * @param denied - subjects on which other users of the application's account may not publish, by name
 */
export function accounts(denied: Readonly<Record<string, string>> = {}): string {
  const users = Object.entries(denied).map(
    ([user, subject]) =>
      `{ user: ${user}, password: "${PASSWORD}", permissions: { publish: { deny: ["${subject}"] } } }`,
  );
  return `
    accounts {
      APP: { jetstream: enabled, users: [
        { user: app, password: "${PASSWORD}" }
        ${users.join("\n")}
      ] }
      SYS: { users: [{ user: sys, password: "${PASSWORD}" }] }
    }
    system_account: SYS
  `;
}

type Settings = Readonly<Record<string, unknown>>;

/**
 * A cluster, a stack of streams on it, and the oracle of every fault: after a clean re-run nothing
 * is left to do, the servers hold what is declared, and every acknowledged message is there.
 */
export class FaultBench {
  private acknowledged = 0;
  private readonly outputs: string[] = [];

  private constructor(
    readonly cluster: TestCluster,
    readonly project: PulumiProject,
    private streams: Readonly<Record<string, Settings>>,
    private connection: Settings,
  ) {}

  /** @param count - how many R3 streams the stack declares */
  static async make(count: number, options: TestClusterOptions = {}): Promise<FaultBench> {
    const cluster = await TestCluster.start({ name: "blue", extra: accounts(), ...options });
    const project = new PulumiProject({
      "index.js": SPEC_PROGRAM,
      "Pulumi.yaml": projectFile("faults"),
      "package.json": '{ "name": "faults", "main": "index.js" }\n',
    });
    await project.init();
    const streams = Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        `s${index}`,
        { subjects: [`s${index}.>`], replicas: cluster.size, maxAge: "1h", maxBytes: "1MiB" },
      ]),
    );
    const connection = {
      servers: cluster.servers,
      user: "app",
      password: { env: "FAULTS_PASSWORD" },
      cluster: cluster.size === 1 ? undefined : "blue",
    };
    project.env.FAULTS_PASSWORD = PASSWORD;
    const bench = new FaultBench(cluster, project, streams, connection);
    bench.write();
    return bench;
  }

  get count(): number {
    return Object.keys(this.streams).length;
  }

  /** Declares more or other settings for every stream. */
  declare(settings: Settings): void {
    this.streams = Object.fromEntries(
      Object.entries(this.streams).map(([name, args]) => [name, { ...args, ...settings }]),
    );
    this.write();
  }

  /** Declares other settings for one stream. */
  redeclare(name: string, settings: Settings): void {
    this.streams = { ...this.streams, [name]: { ...this.streams[name], ...settings } };
    this.write();
  }

  /** Reaches the cluster in another way. */
  connect(connection: Settings): void {
    this.connection = { ...this.connection, ...connection };
    this.write();
  }

  async up(): Promise<Run> {
    return this.kept(await this.project.run("up", "--yes", "--skip-preview"));
  }

  async preview(...words: string[]): Promise<Run> {
    return this.kept(await this.project.run("preview", ...words));
  }

  private kept(run: Run): Run {
    this.outputs.push(run.stdout, run.stderr);
    return run;
  }

  /** A client of a user, on any server or on one. */
  client(user: "app" | "sys" = "app", index?: number): Promise<NatsConnection> {
    const { servers } = this.cluster;
    return connect({
      servers: index === undefined ? servers : [servers[index] ?? ""],
      ignoreClusterUpdates: true,
      user,
      pass: PASSWORD,
      timeout: 5000,
      reconnectTimeWait: 100,
      maxReconnectAttempts: -1,
    });
  }

  /** Publishes to every stream, and counts what the servers acknowledge. */
  async publish(each: number): Promise<void> {
    const client = await this.client();
    for (const name of Object.keys(this.streams)) {
      for (let index = 0; index < each; index++) {
        const id = headers();
        id.set("Nats-Msg-Id", `${this.acknowledged + index}`);
        // A stream whose server has just been killed elects a leader first.
        const isStored = await eventually(
          () =>
            client.request(`${name}.x`, "message", { timeout: 5000, headers: id }).then(
              (answer) => answer.json<{ error?: unknown }>().error === undefined,
              () => false,
            ),
          (stored) => stored,
          30_000,
        );
        assert.ok(isStored, `${name} stores no message`);
      }
    }
    this.acknowledged += each;
    await client.close();
  }

  /**
   * Waits until a server has saved what the meta group decided, as it does once a minute. Servers
   * before 2.11.10 save it at once and do not tell, as one does not whose JetStream is off.
   */
  async metaSaved(index: number): Promise<void> {
    const unsaved = await eventually(
      async () => (await this.metaUnsaved(index)) ?? 0,
      (entries) => entries === 0,
      120_000,
    );
    assert.equal(unsaved, 0, "the server does not save what the meta group decided");
  }

  /**
   * How much of what the meta group decided a server has not saved yet; `undefined` where it does not
   * tell.
   */
  async metaUnsaved(index: number): Promise<number | undefined> {
    const answer = await fetch(`${this.cluster.monitoring[index]}/jsz`);
    const { meta_cluster: meta } = (await answer.json()) as {
      meta_cluster?: { snapshot?: { pending_entries?: number } };
    };
    return meta?.snapshot?.pending_entries;
  }

  /**
   * Waits until a server has been up for a minute: half a minute after its start it deletes what no
   * server of the meta group told it of.
   */
  async aged(index: number): Promise<void> {
    const age = await eventually(
      async () => ageOf(await varz(this.cluster.monitoring[index] ?? "")),
      (milliseconds) => milliseconds > 60_000,
      120_000,
    );
    assert.ok(age > 60_000, `the server has been up for ${age} ms only`);
  }

  /** What health finds, as a user of the applications' account. */
  async findings(): Promise<readonly Finding[]> {
    const cluster = asCluster(this.cluster, Object.keys(this.streams));
    const connection = { ...cluster.connection, user: "app", password: PASSWORD };
    return (await examine({ ...cluster, connection })).found;
  }

  /** The declared streams that a server does not hold. */
  async lacking(index: number): Promise<string[]> {
    const answer = await fetch(`${this.cluster.monitoring[index]}/jsz?streams=true`);
    const { account_details: accounts = [] } = (await answer.json()) as {
      account_details?: readonly {
        readonly stream_detail?: readonly { readonly name: string }[];
      }[];
    };
    const held = new Set(
      accounts.flatMap(({ stream_detail: streams = [] }) => streams.map(({ name }) => name)),
    );
    return Object.keys(this.streams).filter((name) => !held.has(name));
  }

  async metaLeader(): Promise<number> {
    const answer = await fetch(`${this.cluster.monitoring[0]}/jsz`).catch(() =>
      fetch(`${this.cluster.monitoring[1]}/jsz`),
    );
    const { meta_cluster } = (await answer.json()) as { meta_cluster?: { leader?: string } };
    return Number(meta_cluster?.leader?.split("-").at(-1) ?? 0);
  }

  /** The server that leads a stream; `undefined` where there is no such stream, or no leader. */
  async leaderOf(name: string): Promise<number | undefined> {
    const index = (await this.groupOf(name))?.leader?.split("-").at(-1);
    return index === undefined ? undefined : Number(index);
  }

  /** Waits until a stream is on as many servers as it has replicas, which 2.15 does afterwards. */
  async placed(name: string, replicas: number): Promise<void> {
    const held = await eventually(
      async () => (await this.groupOf(name))?.replicas?.length ?? 0,
      (others) => others + 1 === replicas,
      60_000,
    );
    assert.equal(held + 1, replicas, name);
  }

  private async groupOf(
    name: string,
  ): Promise<{ leader?: string; replicas?: readonly unknown[] } | undefined> {
    const client = await this.client();
    try {
      const answer = await client.request(`$JS.API.STREAM.INFO.${name}`, "", { timeout: 2000 });
      return answer.json<{ cluster?: { leader?: string; replicas?: readonly unknown[] } }>()
        .cluster;
    } catch {
      return undefined;
    } finally {
      await client.close();
    }
  }

  /** Runs the stack again, and holds everything against the declaration. */
  async assertRecovers(): Promise<void> {
    await this.assertStackRecovers();
    await this.cluster.settled();
    await this.assertServers();
  }

  /** Runs the stack again: nothing is left to do, and no output told a secret or a stack. */
  async assertStackRecovers(): Promise<void> {
    const up = await this.up();
    assert.equal(up.code, 0, up.stdout + up.stderr);
    const preview = await this.preview("--expect-no-changes");
    assert.equal(preview.code, 0, preview.stdout + preview.stderr);
    for (const text of this.outputs) {
      assert.ok(!text.includes(PASSWORD), "an output shows the password");
      assert.doesNotMatch(text, /\n\s+at .+:\d+:\d+/, "an output has a stack trace");
    }
  }

  /** Every stream once, as it is declared, with every acknowledged message. */
  private async assertServers(): Promise<void> {
    const client = await this.client();
    const names: string[] = [];
    for (const [name, { description }] of Object.entries(this.streams)) {
      const info = await askJetStream<Info>(client, `STREAM.INFO.${name}`);
      names.push(info.config.name);
      assert.equal(info.config.description ?? "", description ?? "", name);
      assert.equal(info.config.num_replicas, this.cluster.size);
      assert.equal(info.state.messages, this.acknowledged, `messages of ${name}`);
    }
    const { total } = await askJetStream<{ total: number }>(client, "STREAM.NAMES");
    assert.equal(total, names.length, "nothing is left over");
    await client.close();
  }

  private write(): void {
    const { connection, streams } = this;
    this.project.write("spec.json", JSON.stringify({ connection, streams }));
  }

  async remove(): Promise<void> {
    await this.cluster.stop();
    this.project.remove();
  }
}

interface Info {
  readonly config: {
    readonly name: string;
    readonly description?: string;
    readonly num_replicas: number;
  };
  readonly state: { readonly messages: number };
}
