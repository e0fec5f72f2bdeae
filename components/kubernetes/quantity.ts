const FACTORS: Readonly<Record<string, bigint>> = {
  "": 1n,
  k: 10n ** 3n,
  M: 10n ** 6n,
  G: 10n ** 9n,
  T: 10n ** 12n,
  P: 10n ** 15n,
  Ki: 1n << 10n,
  Mi: 1n << 20n,
  Gi: 1n << 30n,
  Ti: 1n << 40n,
  Pi: 1n << 50n,
};

/**
 * Reads an amount of bytes as Kubernetes writes it: `"200Gi"`, `"4G"`, `"1.5Ti"`. Unlike NATS,
 * Kubernetes counts `G` in thousands.
 *
 * @returns bytes, or `undefined` where the text is no such amount
 */
export function parseQuantity(text: string): bigint | undefined {
  const match = /^(\d+)(?:\.(\d+))?(|[kMGTP]|[KMGTP]i)$/.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, whole = "0", fraction = "", unit = ""] = match;
  const scale = 10n ** BigInt(fraction.length);
  return (BigInt(whole + fraction) * (FACTORS[unit] ?? 1n)) / scale;
}
