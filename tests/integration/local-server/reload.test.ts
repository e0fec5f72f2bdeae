import { strict as assert } from "node:assert";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderCredentials, renderNatsConf } from "../../../components/nats-server/nats-conf";
import type {
  NatsServerOptions,
  ReloadableOptions,
  RestartOnlyOptions,
} from "../../../components/nats-server/server-options";
import { cachedServerProgram } from "../../../components/provider/local-server/server-process";
import { freePorts } from "../../support/free-ports";
import { FIRST_OF_THREE, filesIn, RELOADABLE, RESTART_ONLY } from "../../support/server-options";

const PASSWORDS = { client: "a", provisioner: "b", system: "c", cluster: "d" };

/** Another value for every option that is declared to be taken over by a reload. */
const OTHER_RELOADABLE: Record<keyof ReloadableOptions, ReloadableOptions> = changed(RELOADABLE, {
  maxConnections: 20_000,
  maxPayload: "12MiB",
  writeDeadline: "11s",
  pingInterval: "3m",
});

/** Another value for every option that is declared to need a restart; a version is no option. */
const OTHER_RESTART_ONLY: Record<
  keyof Omit<RestartOnlyOptions, "version">,
  Partial<RestartOnlyOptions>
> = {
  host: { host: "127.0.0.2" },
  clientPort: { clientPort: 1 },
  monitoringPort: { monitoringPort: 1 },
  clusterPort: { clusterPort: 1 },
  domain: { domain: "green" },
  maxFileStore: { maxFileStore: "9GiB" },
  maxMemoryStore: { maxMemoryStore: "512MiB" },
  syncInterval: { syncInterval: "1m" },
  maxSubscriptions: { maxSubscriptions: 20_000 },
  maxPending: { maxPending: "128MiB" },
  lameDuckGracePeriod: { lameDuckGracePeriod: "2s" },
  lameDuckDuration: { lameDuckDuration: "40s" },
};

function changed<T extends object>(from: T, to: T): Record<keyof T, T> {
  return Object.fromEntries(
    (Object.keys(from) as (keyof T)[]).map((key) => [key, { ...from, [key]: to[key] }]),
  ) as Record<keyof T, T>;
}

for (const [version, isRaisable] of [
  ["2.10.29", false],
  ["2.12.15", true],
] as const) {
  describe(`a running nats-server ${version}`, function () {
    this.timeout(30_000);
    const folder = mkdtempSync(join(tmpdir(), "tfdc-reload-"));
    const conf = join(folder, "nats.conf");
    const log = join(folder, "nats.log");
    let options: NatsServerOptions;
    let routes: string[];
    let server: ChildProcess;

    before(async () => {
      const ports = await freePorts(7);
      const [clientPort = 0, monitoringPort = 0, clusterPort = 0, ...spare] = ports;
      for (const key of ["clientPort", "monitoringPort", "clusterPort"] as const) {
        OTHER_RESTART_ONLY[key] = { [key]: spare.pop() };
      }
      routes = [`127.0.0.1:${clusterPort}`, `127.0.0.1:${spare.pop()}`];
      options = {
        ...FIRST_OF_THREE,
        restartOnly: { ...RESTART_ONLY, version, clientPort, monitoringPort, clusterPort },
        reloadable: RELOADABLE,
        files: filesIn(folder),
      };
      write(options);
      const output = openSync(log, "a");
      server = spawn(cachedServerProgram(version), ["-c", conf], {
        stdio: ["ignore", output, output],
      });
      await until(async () => (await loadTime()) !== undefined);
    });

    after(async () => {
      server.kill("SIGKILL");
      await new Promise((resolve) => server.once("exit", resolve));
      rmSync(folder, { recursive: true, force: true });
    });

    function write(declared: NatsServerOptions, passwords = PASSWORDS, to = routes): void {
      writeFileSync(join(folder, "credentials.conf"), renderCredentials(passwords, to));
      writeFileSync(conf, renderNatsConf(declared));
    }

    async function loadTime(): Promise<string | undefined> {
      try {
        const { monitoringPort } = options.restartOnly;
        const response = await fetch(`http://127.0.0.1:${monitoringPort}/varz`);
        return ((await response.json()) as { config_load_time: string }).config_load_time;
      } catch {
        return undefined;
      }
    }

    async function until(isDone: () => Promise<boolean>): Promise<void> {
      for (let tries = 0; tries < 200; tries++) {
        if (await isDone()) {
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      throw new Error(`it took too long:\n${readFileSync(log, "utf8").slice(-1000)}`);
    }

    /** Signals a reload. Returns the server's refusal, or `undefined` where it has loaded all. */
    async function reload(): Promise<string | undefined> {
      const before = await loadTime();
      const length = readFileSync(log, "utf8").length;
      const refusal = () =>
        /Failed to reload server configuration: (.*)/.exec(
          readFileSync(log, "utf8").slice(length),
        )?.[1];
      server.kill("SIGHUP");
      await until(async () => refusal() !== undefined || (await loadTime()) !== before);
      return refusal();
    }

    for (const [option, reloadable] of Object.entries(OTHER_RELOADABLE)) {
      it(`takes ${option} over with a reload`, async () => {
        write({ ...options, reloadable });
        assert.equal(await reload(), undefined);
      });
    }

    it("takes passwords and routes over with a reload", async () => {
      write(options, { client: "w", provisioner: "x", system: "y", cluster: "z" });
      assert.equal(await reload(), undefined);
      write(options, PASSWORDS, routes.slice(0, 1));
      assert.equal(await reload(), undefined);
    });

    for (const option of Object.keys(OTHER_RESTART_ONLY) as (keyof typeof OTHER_RESTART_ONLY)[]) {
      it(`refuses to take ${option} over with a reload`, async () => {
        write({
          ...options,
          restartOnly: { ...options.restartOnly, ...OTHER_RESTART_ONLY[option] },
        });
        assert.match((await reload()) ?? "it was loaded", /not supported/);
      });
    }

    it("refuses to take another name of itself over", async () => {
      write({ ...options, name: "nats-blue-9" });
      assert.match((await reload()) ?? "it was loaded", /not supported/);
    });

    // Nothing may rely on it: what a restart takes over on one version is a restart on all.
    it(`${isRaisable ? "takes" : "refuses to take"} a raised maxFileStore over`, async () => {
      write({ ...options, restartOnly: { ...options.restartOnly, maxFileStore: "11GiB" } });
      const refusal = "config reload not supported for jetstream max memory and store";
      assert.equal(await reload(), isRaisable ? undefined : refusal);
    });
  });
}
