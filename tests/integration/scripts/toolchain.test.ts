import { strict as assert } from "node:assert";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../../..");
const FETCH = join(ROOT, "tests/fixtures/toolchain/fetch-from-folder.cjs");
const ARCH = process.arch === "x64" ? "amd64" : process.arch;
const ARCHIVE = `nats-server-v2.10.29-${process.platform}-${ARCH}.tar.gz`;
/** A go that takes a while, notes that it built, and makes programs that print their version. */
const GO = `
case $1 in
  version) echo "go version go1.26.0 linux/amd64" ;;
  get) echo "$@" >> "$HOME/go.log" ;;
  build) sleep 1; echo 'echo nats-server: v2.10.29' > "$6"; chmod +x "$6" ;;
esac`;

describe("the toolchain", function () {
  this.timeout(60_000);
  let home: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "tfdc-nats-home-"));
    mkdirSync(join(home, "path"));
    // A machine on which none of the programs is, whatever this one has.
    for (const name of ["sh", "sleep", "chmod", "mkdir"]) {
      const path = execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" });
      symlinkSync(path.trim(), join(home, "path", name));
    }
  });

  afterEach(() => rmSync(home, { recursive: true, force: true }));

  function program(path: string, text: string): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }

  const onPath = (name: string, text: string) => program(join(home, "path", name), text);

  /** Puts a release where the script finds the internet. */
  function release(files: Readonly<Record<string, Buffer | string>>): void {
    mkdirSync(join(home, "internet"), { recursive: true });
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(home, "internet", name), content);
    }
  }

  function natsRelease(sum?: string): void {
    const folder = ARCHIVE.replace(".tar.gz", "");
    program(join(home, folder, "nats-server"), "echo nats-server: v2.10.29");
    execFileSync("tar", ["-czf", ARCHIVE, folder], { cwd: home });
    const archive = readFileSync(join(home, ARCHIVE));
    const real = createHash("sha256").update(archive).digest("hex");
    release({ [ARCHIVE]: archive, SHA256SUMS: `${sum ?? real}  ${ARCHIVE}\n` });
  }

  /** Runs a function of a script in a home of its own, and returns what it gave and printed. */
  function ensure(module: string, call: string) {
    const code = `require("./scripts/terminal/run-main").runMain(async () => {
      console.log(await require("./scripts/toolchain/${module}").${call}); return 0; });`;
    const internet = join(home, "internet");
    const child = spawn(
      process.execPath,
      ["--require", FETCH, "--require", "tsx/cjs", "-e", code],
      {
        cwd: ROOT,
        env: {
          HOME: home,
          PATH: join(home, "path"),
          NODE_OPTIONS: `--require ${FETCH}`,
          ...(existsSync(internet) ? { TFDC_NATS_TEST_INTERNET: internet } : {}),
        },
      },
    );
    const printed = { stdout: "", stderr: "" };
    child.stdout.on("data", (data) => {
      printed.stdout += data;
    });
    child.stderr.on("data", (data) => {
      printed.stderr += data;
    });
    return new Promise<{ code: number | null; stdout: string; stderr: string }>((done) => {
      child.once("close", (status) => done({ code: status, ...printed }));
    });
  }

  describe("for nats-server", () => {
    const get = () => ensure("nats-server", 'ensureNatsServer("2.10.29")');
    const cache = () => join(home, ".cache/tfdc-nats/nats-server/2.10.29");
    const cached = () => join(cache(), "nats-server");

    it("links to the PATH's where that fits, so that everybody finds it in the cache", async () => {
      onPath("nats-server", "echo nats-server: v2.10.31");
      const { code, stdout, stderr } = await get();
      assert.equal(code, 0, stderr);
      assert.equal(stdout.trim(), cached());
      assert.ok(lstatSync(cached()).isSymbolicLink());
      assert.deepEqual(readdirSync(cache()), ["nats-server"]);
    });

    it("leaves the PATH's when it was upgraded to another series", async () => {
      onPath("nats-server", "echo nats-server: v2.10.31");
      await get();
      onPath("nats-server", "echo nats-server: v2.12.0");
      natsRelease();
      const { code, stderr } = await get();
      assert.equal(code, 0, stderr);
      assert.ok(!lstatSync(cached()).isSymbolicLink());
    });

    it("unpacks the release, and keeps nothing else", async () => {
      natsRelease();
      const { code, stderr } = await get();
      assert.equal(code, 0, stderr);
      assert.equal(execFileSync(cached(), { encoding: "utf8" }), "nats-server: v2.10.29\n");
      assert.deepEqual(readdirSync(cache()), ["nats-server"]);
    });

    it("builds it rather than take a release whose checksum is another", async () => {
      natsRelease("0".repeat(64));
      onPath("go", GO);
      const { code, stderr } = await get();
      assert.equal(code, 0, stderr);
      assert.match(readFileSync(join(home, "go.log"), "utf8"), /nats-server\/v2@v2\.10\.29/);
      assert.deepEqual(readdirSync(cache()), ["nats-server"]);
    });

    it("says in one error what was tried and what to do where nothing works", async () => {
      onPath("nats-server", "echo nats-server: v2.9.25");
      onPath("go", 'echo "go version go1.22.1 linux/amd64"');
      const { code, stderr } = await get();
      assert.equal(code, 1);
      assert.equal(
        stderr.trim(),
        `nats-server 2.10.29 is not on this machine and could not be had. Tried: looking for it on the PATH (the one there is 2.9.25); downloading the release (fetch failed: the network is unreachable); building it with Go (Go 1.22.1 is too old, 1.24 or newer is needed). Reach github.com or a Go module proxy (with Go installed), or put nats-server 2.10.29 on the PATH or at ${cached()}.`,
      );
      assert.deepEqual(readdirSync(cache()), []);
    });

    it("is built once where two checkouts want it, and the second says that it waits", async () => {
      onPath("go", GO);
      const [one, two] = await Promise.all([get(), get()]);
      assert.deepEqual([one.code, two.code], [0, 0], one.stderr + two.stderr);
      assert.equal(readFileSync(join(home, "go.log"), "utf8").trim().split("\n").length, 1);
      assert.match(
        one.stderr + two.stderr,
        /nats-server 2\.10\.29: waiting for another checkout that is getting it/,
      );
    });
  });

  describe("for Pulumi", () => {
    const get = () => ensure("pulumi", "ensurePulumi()");
    const folder = () => join(home, ".pulumi/versions/3.250.0/bin");
    const PROGRAMS = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"];

    function pulumiRelease(programs: readonly string[]): void {
      const script = `while [ "$1" != --install-root ]; do shift; done
        mkdir -p "$2/bin"
        for name in ${programs.join(" ")}; do
          printf '#!/bin/sh\\necho v3.250.0\\n' > "$2/bin/$name"; chmod +x "$2/bin/$name"
        done`;
      release({ "install.sh": script, "v3.250.0": "" });
    }

    it("takes the PATH's where it is new enough and its language host stands beside it", async () => {
      for (const name of PROGRAMS) {
        onPath(name, "echo v3.251.0");
      }
      const { code, stdout, stderr } = await get();
      assert.equal(code, 0, stderr);
      assert.equal(stdout.trim(), join(home, "path"));
    });

    it("installs the release where its npm package looks for it", async () => {
      onPath("pulumi", "echo v3.251.0");
      pulumiRelease(PROGRAMS);
      const { code, stdout, stderr } = await get();
      assert.equal(code, 0, stderr);
      assert.equal(stdout.trim(), folder());
      assert.deepEqual(readdirSync(folder()).sort(), PROGRAMS);
      assert.deepEqual(readdirSync(join(home, ".pulumi/versions")), ["3.250.0"]);
    });

    it("builds the command line and its language host, with the shim of the SDK", async () => {
      onPath("go", GO);
      const { code, stderr } = await get();
      assert.equal(code, 0, stderr);
      assert.deepEqual(readdirSync(folder()).sort(), ["language-host", ...PROGRAMS]);
      assert.match(
        readFileSync(join(home, "go.log"), "utf8"),
        /pulumi-language-nodejs@v3\.68\.0\n.*cmd\/pulumi@v3\.250\.0/,
      );
    });

    for (const { title, project, words } of [
      {
        title: "tells the language host that it builds of a program without TypeScript",
        project: "runtime:\n  name: nodejs\n  options:\n    typescript: false\n",
        words: "-typescript=false 127.0.0.1:1",
      },
      {
        title: "says the same of a Pulumi.yaml in JSON",
        project: '{"runtime":{"name":"nodejs","options":{"typescript":false}}}',
        words: "-typescript=false 127.0.0.1:1",
      },
      {
        title: "tells it the arguments of Node that a project has",
        project: "runtime:\n  options:\n    nodeargs: --require some/file\nmain: index.js\n",
        words: "-nodeargs=--require some/file 127.0.0.1:1",
      },
      {
        title: "tells it both, of a project on one line",
        project: JSON.stringify({
          options: { typescript: false, nodeargs: "-r a -r b" },
          name: "x",
        }),
        words: "-nodeargs=-r a -r b -typescript=false 127.0.0.1:1",
      },
      {
        title: "leaves a program in TypeScript to it",
        project: "runtime: nodejs\n",
        words: "127.0.0.1:1",
      },
      {
        title: "leaves a folder without a project to it",
        project: undefined,
        words: "127.0.0.1:1",
      },
    ]) {
      it(title, async () => {
        onPath("go", GO);
        await get();
        program(join(folder(), "language-host"), 'echo "$@"');
        const cwd = join(home, "project");
        mkdirSync(cwd);
        if (project !== undefined) {
          writeFileSync(join(cwd, "Pulumi.yaml"), project);
        }
        const start = join(folder(), "pulumi-language-nodejs");
        const { stdout, stderr } = spawnSync(start, ["127.0.0.1:1"], { cwd, encoding: "utf8" });
        assert.equal(stdout.trim(), words);
        assert.equal(stderr, "");
      });
    }

    it("starts one that an older checkout has built as this one does", async () => {
      onPath("go", GO);
      await get();
      const start = join(folder(), "pulumi-language-nodejs");
      const ours = readFileSync(start, "utf8");
      program(start, "an older one");
      const { code, stderr } = await get();
      assert.equal(code, 0, stderr);
      assert.equal(readFileSync(start, "utf8"), ours);
    });

    it("says in one error what was tried and what to do where nothing works", async () => {
      pulumiRelease(["pulumi"]);
      const { code, stderr } = await get();
      assert.equal(code, 1);
      assert.equal(
        stderr.trim(),
        "Pulumi 3.250.0 is not on this machine and could not be had. Tried: downloading the release (the release came without its Node.js host); building it with Go, which takes minutes once (Go is not installed). Reach get.pulumi.com and github.com or a Go module proxy (with Go installed), or install Pulumi 3.250.0 or newer on the PATH.",
      );
      assert.deepEqual(readdirSync(join(home, ".pulumi/versions")), ["3.250.0"]);
    });
  });

  describe("for Prometheus", () => {
    const get = () => ensure("prometheus", "ensurePrometheus()");
    const folder = () => join(home, ".cache/tfdc-nats/prometheus/2.42.0");
    const APT = `case $2 in download) : > prometheus_2_amd64.deb ;; esac`;
    const unpack = (version: string) => `mkdir -p usr/bin
      for name in prometheus promtool; do
        printf '#!/bin/sh\\necho promtool, version ${version}\\n' > usr/bin/$name; chmod +x usr/bin/$name
      done`;

    it("takes the PATH's where it is new enough", async () => {
      onPath("prometheus", "echo prometheus, version 2.53.1");
      onPath("promtool", "echo promtool, version 2.53.1");
      const { code, stdout, stderr } = await get();
      assert.equal(code, 0, stderr);
      assert.equal(stdout.trim(), join(home, "path"));
    });

    it("unpacks the Debian package and installs nothing, for that would start a service", async () => {
      onPath("apt-get", APT);
      onPath("dpkg-deb", unpack("2.42.0+ds"));
      const { code, stdout, stderr } = await get();
      assert.equal(code, 0, stderr);
      assert.equal(stdout.trim(), folder());
      assert.deepEqual(readdirSync(folder()).sort(), ["prometheus", "promtool"]);
      assert.deepEqual(readdirSync(dirname(folder())), ["2.42.0"]);
    });

    it("updates the list of packages on a machine that knows none", async () => {
      onPath(
        "apt-get",
        `if [ "$1" = update ]; then : > "$HOME/updated"; exit; fi; [ -e "$HOME/updated" ] || exit 100\n${APT}`,
      );
      onPath("dpkg-deb", unpack("2.42.0+ds"));
      const { code, stderr } = await get();
      assert.equal(code, 0, stderr);
    });

    it("says in one error what was tried and what to do where nothing works", async () => {
      onPath("apt-get", APT);
      onPath("dpkg-deb", unpack("2.15.2"));
      const { code, stderr } = await get();
      assert.equal(code, 1);
      assert.equal(
        stderr.trim(),
        "Prometheus 2.42.0 is not on this machine and could not be had. Tried: downloading the release (fetch failed: the network is unreachable); unpacking the Debian package (it is 2.15.2). Reach github.com or Debian's packages, or put prometheus and promtool 2.42.0 or newer on the PATH.",
      );
    });
  });

  describe("for the exporter", () => {
    const get = () => ensure("exporter", "ensureExporter()");
    const folder = () => join(home, ".cache/tfdc-nats/prometheus-nats-exporter/0.20.1");

    it("takes the PATH's at its version and no other", async () => {
      onPath("go", GO);
      onPath("prometheus-nats-exporter", "echo prometheus-nats-exporter version 0.20.1");
      assert.equal((await get()).stdout.trim(), join(home, "path", "prometheus-nats-exporter"));
      onPath("prometheus-nats-exporter", "echo prometheus-nats-exporter version 0.16.0");
      assert.equal((await get()).stdout.trim(), join(folder(), "prometheus-nats-exporter"));
    });

    it("builds it where it is not, and finds it the next time", async () => {
      onPath("go", GO);
      assert.equal((await get()).code, 0);
      assert.equal((await get()).code, 0);
      assert.match(
        readFileSync(join(home, "go.log"), "utf8"),
        /^get -tool github\.com\/nats-io\/prometheus-nats-exporter@v0\.20\.1\n$/,
      );
    });

    it("says what to do where it can not be had", async () => {
      const { code, stderr } = await get();
      assert.equal(code, 1);
      assert.equal(
        stderr.trim(),
        "prometheus-nats-exporter 0.20.1 is not on this machine and could not be had. Tried: building it with Go (Go is not installed). Reach a Go module proxy (with Go installed), or put prometheus-nats-exporter 0.20.1 on the PATH.",
      );
    });
  });
});
