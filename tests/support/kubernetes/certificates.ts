import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A certificate and its key, as files. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority for one test, in a folder of its own. */
export class Authority implements Certificate {
  readonly certificate: string;
  readonly key: string;

  constructor(
    private readonly folder: string,
    name = "a test's authority",
  ) {
    this.certificate = join(folder, "ca.crt");
    this.key = join(folder, "ca.key");
    openssl([
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-subj", `/CN=${name}`, "-days", "2", "-keyout", this.key, "-out", this.certificate],
    ]);
  }

  /** A certificate for hosts, as a server and as a client. @param subject - such as `/CN=nats` */
  issue(name: string, subject: string, hosts: readonly string[] = []): Certificate {
    const [certificate, key, request, extensions] = ["crt", "key", "csr", "ext"].map((suffix) =>
      join(this.folder, `${name}.${suffix}`),
    ) as [string, string, string, string];
    const names = hosts.map((host) => (/^[\d.]+$/.test(host) ? `IP:${host}` : `DNS:${host}`));
    writeFileSync(
      extensions,
      `extendedKeyUsage = serverAuth, clientAuth\n${
        names.length === 0 ? "" : `subjectAltName = ${names.join(", ")}\n`
      }`,
    );
    openssl([
      ...["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-subj", subject, "-keyout", key, "-out", request],
    ]);
    openssl([
      ...["x509", "-req", "-in", request, "-CA", this.certificate, "-CAkey", this.key],
      ...["-CAcreateserial", "-days", "2", "-extfile", extensions, "-out", certificate],
    ]);
    return { certificate, key };
  }
}

/** A key that signs the tokens of service accounts. */
export function signingKey(path: string): string {
  openssl(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", path]);
  return path;
}

function openssl(words: readonly string[]): void {
  execFileSync("openssl", words, { stdio: ["ignore", "ignore", "pipe"] });
}

/** The Secret of a certificate and of who has signed it, as whoever renews them writes it. */
export function tlsSecret(namespace: string, authority: Certificate, issued: Certificate) {
  const base64 = (path: string) => readFileSync(path).toString("base64");
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "nats-tls", namespace },
    type: "kubernetes.io/tls",
    data: {
      "tls.crt": base64(issued.certificate),
      "tls.key": base64(issued.key),
      "ca.crt": base64(authority.certificate),
    },
  };
}
