import type { Healthz, Jsz, Raftz, Varz } from "./answers";
import { metaOf, type ServerObservation } from "./observation";

const TIMEOUT = 2_000;

/** What the servers at these monitoring addresses say. */
export function readMonitoring(
  addresses: readonly string[],
  jszOptions: Readonly<Record<string, boolean>>,
): Promise<ServerObservation[]> {
  // Each option becomes `name=true`.
  const query = new URLSearchParams(jszOptions as unknown as Record<string, string>);
  return Promise.all(
    addresses.map(async (address) => {
      const [varz, jsz, healthz, raftz] = await Promise.all([
        askMonitoring<Varz>(`${address}/varz`),
        askMonitoring<Jsz>(`${address}/jsz?${query}`),
        // A server that is not healthy says why in the body of a 503.
        askMonitoring<Healthz>(`${address}/healthz`, () => true),
        askMonitoring<Raftz>(`${address}/raftz?group=_meta_`),
      ]);
      const name = varz?.server_name ?? address;
      return { name, address, varz, jsz, healthz, meta: metaOf(raftz) };
    }),
  );
}

/** What a monitoring address answers; `undefined` where it does not. */
export async function askMonitoring<T>(
  url: string,
  isAnswer: (status: number) => boolean = (status) => status === 200,
): Promise<T | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT) });
    return isAnswer(response.status) ? ((await response.json()) as T) : undefined;
  } catch {
    return undefined;
  }
}
