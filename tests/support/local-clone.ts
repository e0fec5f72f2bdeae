import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type NatsConnection } from "nats";
import { checkOut, linkInstalled } from "./checkout";
import { consecutivePorts } from "./local-program";

/** A first `npm start` beside other tests takes half of that. */
const TIME_LIMIT = 7 * 60_000;

const COLOURS = ["blue", "green"] as const;

/** A clone of this checkout in a folder of its own, whose colours listen where nobody else does. */
export class LocalClone {
  private constructor(
    readonly folder: string,
    /** By colour and key: `blue-clientPort`. */
    readonly ports: Readonly<Record<string, number>>,
  ) {}

  /** @param isInstalled - with the packages of this checkout, instead of none */
  static async make(isInstalled = false): Promise<LocalClone> {
    const folder = mkdtempSync(join(tmpdir(), "tfdc-clone-"));
    checkOut(folder);
    if (isInstalled) {
      linkInstalled(folder);
    }
    const ports: Record<string, number> = {};
    const free = await consecutivePorts(6, 3);
    for (const [index, colour] of COLOURS.entries()) {
      const path = join(folder, `Pulumi.local-${colour}.yaml`);
      let text = readFileSync(path, "utf8");
      for (const [offset, key] of ["clientPort", "monitoringPort", "clusterPort"].entries()) {
        const port = free[index * 3 + offset] ?? 0;
        text = text.replace(new RegExp(`tfdc-nats:${key}: .*`), `tfdc-nats:${key}: "${port}"`);
        ports[`${colour}-${key}`] = port;
      }
      writeFileSync(path, text);
    }
    return new LocalClone(folder, ports);
  }

  /** The clone and the environment of a user who has nothing of this checkout in theirs. */
  place() {
    const path = (process.env.PATH ?? "")
      .split(":")
      .filter((entry) => !entry.includes("node_modules"))
      .join(":");
    const { HOME, XDG_CACHE_HOME, PULUMI_HOME, GOFLAGS } = process.env;
    return { cwd: this.folder, env: { HOME, XDG_CACHE_HOME, PULUMI_HOME, GOFLAGS, PATH: path } };
  }

  /** Runs a program in it to its end; mocha's time limits do not end a call that blocks. */
  run(program: string, ...words: string[]) {
    const run = spawnSync(program, words, {
      ...this.place(),
      encoding: "utf8",
      input: "",
      timeout: TIME_LIMIT,
      killSignal: "SIGKILL",
    });
    const ending = run.error === undefined ? "" : `\n${program} ${words.join(" ")}: ${run.error}`;
    const { status: code, stdout, stderr } = run;
    return { code, stdout, stderr, output: `${stdout}${stderr}${ending}` };
  }

  npm(...words: string[]) {
    return this.run("npm", ...words);
  }

  /** Blue's client, as `npm start` says how to connect. */
  client(): Promise<NatsConnection> {
    return connect({
      servers: `127.0.0.1:${this.ports["blue-clientPort"]}`,
      user: "tfdc_client",
      pass: readFileSync(join(this.folder, ".local/secrets/blue/client"), "utf8").trim(),
    });
  }

  /** The processes of both colours' servers, blue's first. */
  pids(): number[] {
    return COLOURS.flatMap((colour) =>
      [0, 1, 2].map((index) => {
        const server = `.local/nats/${colour}/nats-${colour}-${index}/nats.pid`;
        return Number(readFileSync(join(this.folder, server), "utf8"));
      }),
    );
  }

  /** Takes its colours down, and removes it. */
  remove(): void {
    this.npm("stop", "--", "--yes");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
