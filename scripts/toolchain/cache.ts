import { homedir } from "node:os";
import { join } from "node:path";

/** The folder in which a version of a program is kept between checkouts. */
export function cacheFolder(program: string, version: string): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(cache, "tfdc-nats", program, version);
}
