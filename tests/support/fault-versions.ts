const DEFAULT = "2.10.29";

/**
 * The nats-servers on which the faults are tried: the default image, or those that the environment
 * variable TFDC_NATS_FAULT_VERSIONS lists, separated by commas.
 */
export function faultVersions(): readonly string[] {
  return (process.env.TFDC_NATS_FAULT_VERSIONS || DEFAULT).split(",");
}
