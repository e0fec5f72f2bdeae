import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accounts, FaultBench, PASSWORD } from "../../support/fault-bench";
import { faultVersions } from "../../support/fault-versions";

for (const version of faultVersions()) {
  describe(`a cluster ${version} that lets nobody in`, function () {
    this.timeout(120_000);
    let bench: FaultBench;
    const folder = mkdtempSync(join(tmpdir(), "tfdc-certificates-"));
    const file = (name: string) => join(folder, name);
    // The servers are dialled by an address, and their certificate is for a name.
    const trusted = { caFile: file("ca.pem"), serverName: "nats.test" };

    before(async () => {
      authority("ca");
      authority("stranger");
      certificate("server", "ca", ["-days", "2"]);
      bench = await FaultBench.make(2, {
        version,
        size: 1,
        extra: `
        ${accounts({ reader: "$JS.API.STREAM.UPDATE.>" })}
        tls { cert_file: "${file("server.pem")}", key_file: "${file("server.key")}" }
      `,
      });
      bench.connect({ tls: trusted });
      const run = await bench.up();
      assert.equal(run.code, 0, run.stdout + run.stderr);
    });

    after(async () => {
      await bench.remove();
      rmSync(folder, { recursive: true });
    });

    function openssl(...words: string[]): void {
      execFileSync("openssl", words, { stdio: "ignore" });
    }

    function authority(name: string): void {
      const subject = ["-subj", `/CN=${name}`, "-days", "2", "-nodes"];
      openssl("req", "-x509", "-newkey", "rsa:2048", ...subject, ...files(name));
    }

    function certificate(name: string, signer: string, words: readonly string[]): void {
      const subject = ["-subj", `/CN=${name}`, "-nodes", "-addext", "subjectAltName=DNS:nats.test"];
      const ca = ["-CA", file(`${signer}.pem`), "-CAkey", file(`${signer}.key`)];
      openssl("req", "-x509", "-newkey", "rsa:2048", ...subject, ...ca, ...words, ...files(name));
    }

    function files(name: string): string[] {
      return ["-keyout", file(`${name}.key`), "-out", file(`${name}.pem`)];
    }

    async function assertRefused(message: RegExp): Promise<void> {
      const before = await bench.project.state();
      bench.declare({ description: "never written" });
      const run = await bench.up();
      assert.notEqual(run.code, 0);
      assert.match(run.stdout, message);
      assert.ok(run.seconds < 30, `it took ${run.seconds} s`);
      bench.declare({ description: undefined });
      const streams = (text: string) =>
        (
          JSON.parse(text) as { deployment: { resources: { type: string; id?: string }[] } }
        ).deployment.resources.map(({ type, id }) => `${type} ${id}`);
      assert.deepEqual(streams(await bench.project.state()), streams(before));
    }

    // F9
    it("says so of a wrong password, at once", async () => {
      bench.project.env.FAULTS_PASSWORD = "wrong-password";
      await assertRefused(
        /error: cannot reach the NATS cluster at 127\.0\.0\.1:\d+: Authorization Violation; check the user and the password that the connection refers to/,
      );
      bench.project.env.FAULTS_PASSWORD = PASSWORD;
      await bench.assertStackRecovers();
    });

    // F9
    it("says so of a certificate that the authority of the connection has not signed", async () => {
      bench.connect({ tls: { ...trusted, caFile: file("stranger.pem") } });
      await assertRefused(
        /error: cannot reach the NATS cluster at 127\.0\.0\.1:\d+: .*certificate.*; check 'tls' of the connection: caFile must be of the authority/,
      );
      bench.connect({ tls: trusted });
      await bench.assertStackRecovers();
    });

    // F9
    it("says so of a certificate that is for another name", async () => {
      bench.connect({ tls: { caFile: file("ca.pem") } });
      await assertRefused(
        /error: cannot reach .+: Hostname\/IP does not match certificate's altnames: .+; check 'tls' of the connection: .+ or serverName says/,
      );
      bench.connect({ tls: trusted });
      await bench.assertStackRecovers();
    });

    // F9
    it("says so of a file that is not there", async () => {
      bench.connect({ tls: { ...trusted, caFile: file("nowhere.pem") } });
      await assertRefused(
        /error: 'tls\.caFile' of the connection cannot be read: ENOENT: .*nowhere\.pem/,
      );
      bench.connect({ tls: trusted });
      await bench.assertStackRecovers();
    });

    // F10
    it("names the one subject that the user may not use, and reads on", async () => {
      bench.connect({ user: "reader" });
      bench.declare({ description: "refused" });
      const preview = await bench.preview("--diff");
      assert.equal(preview.code, 0, preview.stdout + preview.stderr);
      const run = await bench.up();
      assert.notEqual(run.code, 0);
      assert.match(
        run.stdout,
        /error: the NATS cluster at 127\.0\.0\.1:\d+ refused a request on '\$JS\.API\.STREAM\.UPDATE\.s\d': ".*Permissions Violation.*"; allow the user of the connection to publish on '\$JS\.API\.STREAM\.UPDATE\.s\d'\./,
      );
      bench.connect({ user: "app" });
      await bench.assertStackRecovers();
    });
  });
}
