import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rotations, secretCertificate } from "../../../components/kubernetes/certificates";
import { Authority } from "../../support/kubernetes/certificates";

describe("secretCertificate", () => {
  it("tells one certificate from the next, and the day on which it ends", () => {
    const folder = mkdtempSync(join(tmpdir(), "tfdc-certificates-"));
    try {
      const authority = new Authority(folder);
      const [one, other] = ["one", "other"].map((name) => {
        const { certificate } = authority.issue(name, "/CN=nats", ["nats.local"]);
        const base64 = (path: string) => readFileSync(path).toString("base64");
        return secretCertificate({
          "tls.crt": base64(certificate),
          "ca.crt": base64(authority.certificate),
        });
      });
      assert.ok(one !== undefined && "fingerprint" in one);
      assert.ok(other !== undefined && "fingerprint" in other);
      assert.match(one.fingerprint, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
      assert.match(one.expires, /^\d{4}-\d\d-\d\d$/);
      assert.notEqual(one.fingerprint, other.fingerprint);
      assert.equal(one.authority, other.authority);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("says why there is none", () => {
    assert.deepEqual(secretCertificate({}), { problem: "the Secret has no tls.crt" });
    const { problem } = secretCertificate({ "tls.crt": "bm9uc2Vuc2U=" }) as { problem: string };
    assert.match(problem, /^its tls.crt is no certificate: /);
  });
});

describe("rotations", () => {
  const certificate = { expires: "2027-01-02", fingerprint: "AA", authority: "a" };

  it("names the Secrets whose certificate, or authority, is another one than before", () => {
    const rotated = ["certificate of secret tls rotated (expires 2027-01-02)"];
    assert.deepEqual(
      rotations({ tls: { ...certificate, fingerprint: "BB" } }, { tls: certificate }),
      rotated,
    );
    assert.deepEqual(
      rotations({ tls: { ...certificate, authority: "b" } }, { tls: certificate }),
      rotated,
    );
  });

  it("has nothing to say of what stays, is new, or cannot be read", () => {
    assert.deepEqual(rotations({ tls: certificate }, { tls: certificate }), []);
    assert.deepEqual(rotations({}, { tls: certificate }), []);
    assert.deepEqual(rotations({ tls: certificate }, { tls: { problem: "gone" } }), []);
  });
});
