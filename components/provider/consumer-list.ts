import type { ConsumerDetail } from "../backup/answers";

/** Asks a server and gives its answer. */
type Ask = <T>(subject: string, question: unknown) => Promise<T>;

/** Every consumer of a stream as it stands, which a server tells page by page. */
export async function consumerList(ask: Ask, stream: string): Promise<ConsumerDetail[]> {
  const found: ConsumerDetail[] = [];
  for (let total = 1; found.length < total; ) {
    const page = await ask<{ total: number; consumers?: readonly ConsumerDetail[] }>(
      `$JS.API.CONSUMER.LIST.${stream}`,
      { offset: found.length },
    );
    const consumers = page.consumers ?? [];
    found.push(...consumers);
    // Some may have gone between two pages.
    total = consumers.length === 0 ? 0 : page.total;
  }
  return found;
}
