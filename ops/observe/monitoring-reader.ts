import { askMonitoring } from "@tfdc/pulumi-nats/internal/provider/monitoring-endpoints";
import type { Healthz, Jsz, Raftz, Varz } from "./answers";
import { metaOf, type ServerObservation } from "./observation";

/** What a server that answers may take to write a thousand streams down. */
export const LONG_TIMEOUT = 10_000;

/** What the servers at these monitoring addresses say. */
export function readMonitoring(
  addresses: readonly string[],
  jszOptions: Readonly<Record<string, boolean>>,
): Promise<ServerObservation[]> {
  // Each option becomes `name=true`.
  const query = new URLSearchParams(jszOptions as unknown as Record<string, string>);
  return Promise.all(
    addresses.map(async (address) => {
      const varz = await askMonitoring<Varz>(`${address}/varz`);
      if (varz === undefined) {
        return { name: address, address };
      }
      const [jsz, healthz, raftz] = await Promise.all([
        askMonitoring<Jsz>(`${address}/jsz?${query}`, undefined, LONG_TIMEOUT),
        // A server that is not healthy says why in the body of a 503.
        askMonitoring<Healthz>(`${address}/healthz`, () => true, LONG_TIMEOUT),
        askMonitoring<Raftz>(`${address}/raftz?group=_meta_`),
      ]);
      return { name: varz.server_name, address, varz, jsz, healthz, meta: metaOf(raftz) };
    }),
  );
}
