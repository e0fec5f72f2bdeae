import * as pulumi from "@pulumi/pulumi";
import { shortenTraces } from "./short-trace";

/** What groups resources of this package; Pulumi keeps the program's line of it, and no more. */
export abstract class Component extends pulumi.ComponentResource {
  constructor(type: string, name: string, options: pulumi.ComponentResourceOptions | undefined) {
    const restore = shortenTraces();
    try {
      super(type, name, {}, options);
    } finally {
      restore();
    }
  }
}
