import { strict as assert } from "node:assert";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { ensureDebian, findProgram } from "../../../scripts/toolchain/debian";

describe("Debian packages", () => {
  const before = process.env.PATH;
  let folder: string;
  const policy = () => join(folder, "policy-rc.d");
  const missing = (program: string, name: string) => ({ program, package: name });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tfdc-nats-debian-"));
    process.env.PATH = [folder, before].join(delimiter);
  });

  afterEach(() => {
    process.env.PATH = before;
    rmSync(folder, { recursive: true, force: true });
  });

  /** An apt-get that writes down how it is called, and whether services may be started. */
  function aptGet(code: number): void {
    const log = join(folder, "log");
    const script = [
      "#!/bin/sh",
      `echo "$@" >> '${log}'`,
      `[ -x '${policy()}' ] && echo "no services" >> '${log}'`,
      `echo "E: Unable to fetch some archives" >&2`,
      `exit ${code}`,
    ];
    writeFileSync(join(folder, "apt-get"), `${script.join("\n")}\n`, { mode: 0o755 });
  }

  it("are left alone where every program is there, wherever it is", async () => {
    aptGet(1);
    writeFileSync(join(folder, "bridge"), "");
    const bridge = { program: "bridge", package: "plugins", folders: [folder] };
    assert.equal(findProgram(bridge), join(folder, "bridge"));
    await ensureDebian([bridge, missing("sh", "dash")], policy());
    assert.equal(existsSync(join(folder, "log")), false);
  });

  it("are installed where a program is missing, each once, and start no service", async () => {
    aptGet(0);
    await ensureDebian(
      [missing("no-such-etcd", "etcd-server"), missing("no-such-ctl", "etcd-server")],
      policy(),
    );
    assert.deepEqual(readFileSync(join(folder, "log"), "utf8").trim().split("\n"), [
      "update -q",
      "install -yq --no-install-recommends etcd-server",
      "no services",
    ]);
    assert.equal(existsSync(policy()), false);
  });

  it("that cannot be had are an error with the packages and apt-get's own words", async () => {
    aptGet(100);
    await assert.rejects(ensureDebian([missing("no-such-etcd", "etcd-server")], policy()), {
      name: "UserError",
      message:
        "the Debian packages etcd-server could not be installed: apt-get update ended with 100: E: Unable to fetch some archives",
    });
  });
});
