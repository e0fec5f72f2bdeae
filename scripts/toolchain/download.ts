import { createHash } from "node:crypto";

/** A blocked download must cost seconds. */
const PROBE_TIMEOUT = 5_000;
const DOWNLOAD_TIMEOUT = 300_000;

/** Makes sure within seconds that an address answers. */
export async function probe(url: string): Promise<void> {
  await answer(url, PROBE_TIMEOUT, { method: "HEAD" });
}

/** Fetches a file whole. */
export async function fetchBytes(url: string): Promise<Buffer> {
  return answer(url, DOWNLOAD_TIMEOUT);
}

async function answer(url: string, timeout: number, options: RequestInit = {}): Promise<Buffer> {
  try {
    const response = await fetch(url, { ...options, signal: AbortSignal.timeout(timeout) });
    if (response.ok) {
      return Buffer.from(await response.arrayBuffer());
    }
    throw new Error(`${url} answers ${response.status}`);
  } catch (error) {
    if (error instanceof Error && error.name === "TimeoutError") {
      throw new Error(`${url} gives no answer within ${timeout / 1000} s`);
    }
    throw error;
  }
}

/** Fetches a file of a release and holds it against the release's list of SHA-256 sums. */
export async function fetchVerified(base: string, file: string, sums: string): Promise<Buffer> {
  await probe(`${base}/${file}`);
  const list = (await fetchBytes(`${base}/${sums}`)).toString("utf8");
  const wanted = list
    .split("\n")
    .map((line) => line.trim().split(/\s+\*?/))
    .find(([, name]) => name === file)?.[0];
  if (wanted === undefined) {
    throw new Error(`${sums} of the release does not name ${file}`);
  }
  const bytes = await fetchBytes(`${base}/${file}`);
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== wanted) {
    throw new Error(`${file} has the checksum ${found}, and ${sums} says ${wanted}`);
  }
  return bytes;
}
