/** Asks a server and gives its answer. */
type Ask = <T>(subject: string, question: unknown) => Promise<T>;

/** How many messages each subject of a stream has, which a server tells page by page. */
export async function subjectCounts(
  ask: Ask,
  stream: string,
): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (let offset = 0, total = 1; offset < total; ) {
    const page = await ask<{
      total?: number;
      state: { subjects?: Readonly<Record<string, number>> };
    }>(`$JS.API.STREAM.INFO.${stream}`, { subjects_filter: ">", offset });
    const found = page.state.subjects ?? {};
    Object.assign(counts, found);
    total = page.total ?? 0;
    offset += Math.max(1, Object.keys(found).length);
  }
  return counts;
}
