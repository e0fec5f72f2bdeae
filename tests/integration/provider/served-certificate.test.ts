import { strict as assert } from "node:assert";
import { type ChildProcess, spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { servedFingerprint } from "../../../components/provider/kubernetes/rollout/served-certificate";
import { eventually } from "../../support/eventually";
import { freePorts } from "../../support/free-ports";
import { Authority } from "../../support/kubernetes/certificates";
import { serverProgram } from "../../support/test-cluster";

describe("the certificate that a server shows", function () {
  this.timeout(60_000);
  let folder: string;
  let authority: Authority;
  let server: ChildProcess;
  let clients: string;
  let routes: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "tfdc-served-"));
    authority = new Authority(folder);
    issue("first");
    const [client = 0, route = 0] = await freePorts(2);
    [clients, routes] = [`127.0.0.1:${client}`, `127.0.0.1:${route}`];
    const tls = `cert_file: "tls.crt", key_file: "tls.key", ca_file: "ca.crt"`;
    const conf = join(folder, "nats.conf");
    writeFileSync(
      conf,
      `listen: "${clients}"
       tls { ${tls} }
       cluster { name: test, listen: "${routes}", tls { ${tls}, verify: true } }`,
    );
    server = spawn(serverProgram("2.10.29"), ["-c", conf], { cwd: folder, stdio: "ignore" });
  });

  after(async () => {
    const gone = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGKILL");
    await gone;
    rmSync(folder, { recursive: true });
  });

  /** Puts a new certificate in the place of the last, and returns its fingerprint. */
  function issue(name: string): string {
    const { certificate, key } = authority.issue(name, "/CN=nats", ["127.0.0.1"]);
    copyFileSync(certificate, join(folder, "tls.crt"));
    copyFileSync(key, join(folder, "tls.key"));
    return fingerprint();
  }

  const fingerprint = () =>
    new X509Certificate(readFileSync(join(folder, "tls.crt"))).fingerprint256;

  async function shows(expected: string): Promise<void> {
    for (const [address, isGreeting] of [
      [clients, true],
      [routes, false],
    ] as const) {
      const shown = await eventually(
        () => servedFingerprint(address, isGreeting),
        (one) => one === expected,
      );
      assert.equal(shown, expected, address);
    }
  }

  it("is read off the port of clients, and off that of routes, which asks for one as well", async () => {
    await shows(fingerprint());
  });

  it("is the former one after a renewal, and the new one after a reload", async () => {
    const first = fingerprint();
    const second = issue("second");
    assert.equal(await servedFingerprint(clients, true), first);
    assert.equal(await servedFingerprint(routes, false), first);
    server.kill("SIGHUP");
    await shows(second);
  });

  it("is none where nobody listens", async () => {
    const [port] = await freePorts(1);
    assert.equal(await servedFingerprint(`127.0.0.1:${port}`, true), undefined);
  });
});
