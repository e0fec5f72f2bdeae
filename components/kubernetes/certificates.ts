import { createHash, X509Certificate } from "node:crypto";

/** What tells one certificate of a Secret from the next; nothing of it is secret. */
export interface SecretCertificate {
  /** Day of its end, in UTC. */
  readonly expires: string;
  /** SHA-256 of the certificate that servers show. */
  readonly fingerprint: string;
  /** Start of the SHA-256 of `ca.crt`. */
  readonly authority: string;
}

/** What stands for the certificate of a Secret that has none, or cannot be read. */
export interface NoCertificate {
  readonly problem: string;
}

/** The certificates of Secrets, by the names of those. */
export type SecretCertificates = Readonly<Record<string, SecretCertificate | NoCertificate>>;

const SHORT = 16;

/** Reads the certificate of a TLS Secret; its values are base64, as the API server has them. */
export function secretCertificate(
  data: Readonly<Record<string, string>> | undefined,
): SecretCertificate | NoCertificate {
  const text = data?.["tls.crt"];
  if (text === undefined) {
    return { problem: "the Secret has no tls.crt" };
  }
  try {
    const certificate = new X509Certificate(Buffer.from(text, "base64"));
    return {
      expires: new Date(certificate.validTo).toISOString().slice(0, 10),
      fingerprint: certificate.fingerprint256,
      authority: createHash("sha256")
        .update(Buffer.from(data?.["ca.crt"] ?? "", "base64"))
        .digest("hex")
        .slice(0, SHORT),
    };
  } catch (error) {
    return { problem: `its tls.crt is no certificate: ${(error as Error).message}` };
  }
}

/** Why servers have to reload: one line for every Secret whose certificate is another one. */
export function rotations(before: SecretCertificates, now: SecretCertificates): string[] {
  return Object.entries(now).flatMap(([name, certificate]) => {
    const old = before[name];
    return "problem" in certificate ||
      old === undefined ||
      JSON.stringify(old) === JSON.stringify(certificate)
      ? []
      : [`certificate of secret ${name} rotated (expires ${certificate.expires})`];
  });
}
