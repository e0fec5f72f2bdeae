/** The version of this command. */
export function toolVersion(): string {
  return (require("../package.json") as { version: string }).version;
}
