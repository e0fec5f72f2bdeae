import { strict as assert } from "node:assert";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { checkoutWith, tfdcNats } from "../../support/ops-command";

/** An address at which nobody listens. */
const NOBODY = ["--server", "127.0.0.1:9", "--monitoring", "http://127.0.0.1:9"];

describe("the command tfdc-nats", () => {
  it("shows its commands, and for each of them examples and the exit codes", async () => {
    const all = await tfdcNats(["--help"]);
    assert.equal(all.code, 0);
    assert.match(all.stdout, /tfdc-nats health \[colours\.\.\]/);
    const one = await tfdcNats(["health", "--help"]);
    assert.equal(one.code, 0);
    assert.match(one.stdout, /Examples:\n {2}tfdc-nats health /);
    assert.match(one.stdout, /Exit codes: 0 good, 1 a problem was found, 2 usage, 3 no server/);
  });

  it("loads what a command needs, and not what the others do", async () => {
    const paths = `process.on("exit", () => console.error(Object.keys(require.cache).join("\\n")));`;
    const hook = `--import=data:text/javascript,${encodeURIComponent(`import { createRequire } from "node:module"; const require = createRequire("/");${paths}`)}`;
    const env = { NODE_OPTIONS: hook };
    const health = await tfdcNats(["health", "--help"], { env });
    const backup = await tfdcNats(["backup", "--help"], { env });
    assert.match(health.stderr, /commands.health\.js/);
    assert.doesNotMatch(health.stderr, /archive.inspect\.js/);
    assert.match(backup.stderr, /archive.inspect\.js/);
  });

  it("ends with 2 and one line for a command line that makes no sense", async () => {
    for (const [words, reason] of [
      [[], /^tfdc-nats: name a command; tfdc-nats --help lists them\n$/],
      [["helth"], /^tfdc-nats: Did you mean health\?\n$/],
      [["health", "--colour"], /^tfdc-nats: Unknown argument: colour\n$/],
      [["health", "-o", "xml"], /^tfdc-nats: Invalid values:\s+Argument: output, Given: "xml"/],
    ] as const) {
      const run = await tfdcNats(words);
      assert.equal(run.code, 2, words.join(" "));
      assert.match(run.stderr, reason);
      assert.equal(run.stdout, "");
    }
  });

  it("ends with 3 where no server answers, and says which were asked", async () => {
    const run = await tfdcNats(["health", ...NOBODY]);
    assert.equal(run.code, 3);
    assert.equal(
      run.stdout,
      "✗ cannot reach cluster '127.0.0.1:9' at http://127.0.0.1:9: no server answers; check that the servers run and that this machine reaches them\n",
    );
  });

  it("ends where a server takes the connection and never says a word", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    try {
      await once(silent, "listening");
      const server = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
      const run = await tfdcNats(["backup", "--to", tmpdir(), "--server", server]);
      assert.equal(run.code, 3, run.stderr);
      assert.equal(
        run.stderr,
        `tfdc-nats: cannot reach the NATS cluster at ${server}: no answer in time; check that the servers run and that this machine reaches them\n`,
      );
    } finally {
      silent.close();
    }
  });

  it("prints JSON for a script, and colours only where they are wanted", async () => {
    const plain = await tfdcNats(["health", ...NOBODY, "--output", "json"]);
    assert.equal(JSON.parse(plain.stdout)[0].cluster, "127.0.0.1:9");
    assert.ok(!plain.stdout.includes("\u001b["));
  });

  it("completes commands in a shell", async () => {
    const script = await tfdcNats(["completion"], { env: { SHELL: "/bin/bash" } });
    assert.match(script.stdout, /complete -o bashdefault -o default -F _tfdc-nats_yargs/);
    const words = await tfdcNats(["--get-yargs-completions", "tfdc-nats", "he"]);
    assert.match(words.stdout, /^health/m);
  });

  it("shows how the other colour is while one is away", async () => {
    const away = {
      name: "",
      connection: { servers: ["127.0.0.1:9"] },
      monitoring: ["http://127.0.0.1:9"],
    };
    const cwd = checkoutWith({ blue: away, green: away });
    try {
      const run = await tfdcNats(["health"], { cwd });
      assert.equal(run.code, 3);
      assert.match(run.stdout, /cluster 'blue' at .*\n.*cluster 'green' at /);
    } finally {
      rmSync(cwd, { recursive: true, force: true });
    }
  });
});
