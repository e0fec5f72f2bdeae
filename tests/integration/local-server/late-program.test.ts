import { strict as assert } from "node:assert";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serverProgram } from "../../support/test-cluster";
import { DeclaredServers } from "./declared-servers";

describe("a local server whose program takes the place of another", function () {
  this.timeout(60_000);
  const cache = process.env.XDG_CACHE_HOME;
  let servers: DeclaredServers;

  before(async () => {
    servers = await DeclaredServers.make(1);
  });

  after(async () => {
    process.env.XDG_CACHE_HOME = cache;
    if (cache === undefined) {
      delete process.env.XDG_CACHE_HOME;
    }
    await servers?.remove();
  });

  it("is waited for while its process has no command line of a server", async () => {
    const server = serverProgram(servers.version);
    process.env.XDG_CACHE_HOME = join(servers.folder, "cache");
    const folder = join(process.env.XDG_CACHE_HOME, "tfdc-nats", "nats-server", servers.version);
    const late = join(folder, "late");
    const program = join(folder, "nats-server");
    mkdirSync(folder, { recursive: true });
    // What a busy machine has a process be for a moment: alive, and not yet the server.
    writeFileSync(late, `#!/bin/sh\nsleep 1\nexec "${server}" -c "$1"\n`);
    writeFileSync(
      program,
      `#!/bin/sh\n[ "$1" = -c ] && exec "${late}" "$2" late\nexec "${server}" "$@"\n`,
    );
    chmodSync(late, 0o755);
    chmodSync(program, 0o755);
    assert.equal(await servers.up(0), "create");
    assert.equal(await servers.up(0), "same");
  });

  it("runs on one processor in a version that may be mute otherwise", async () => {
    const { gomaxprocs } = await servers.monitor<{ gomaxprocs: number }>(0, "varz");
    assert.equal(gomaxprocs, 1);
  });
});
