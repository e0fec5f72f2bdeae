import { Config } from "@pulumi/pulumi";
import { type ConnectionArgs, JetStreamGuard, KeyValue, Stream } from "@tfdc/pulumi-nats";

const config = new Config();

// A cluster that this stack did not make. The password stays out of the state: this is where it is.
const connection: ConnectionArgs = {
  servers: config.require("servers").split(","),
  ...(config.get("user") === undefined
    ? {}
    : { user: config.require("user"), password: { config: "other-team:password" } }),
};

const orders = new Stream("orders", {
  connection,
  name: "orders_v1",
  subjects: ["orders.>"],
  maxAge: config.get("maxAge") ?? "30d",
  maxBytes: "64MiB",
  replicas: 3,
  guarded: true,
});

const carts = new KeyValue("carts", {
  connection,
  bucket: "carts",
  history: 5,
  ttl: "1h",
  maxBytes: "16MiB",
  replicas: 3,
  guarded: true,
});

// Says all that a preview refuses at once, and holds a destroy back while there are messages.
new JetStreamGuard(
  "guard",
  { connection, assets: { orders_v1: undefined, KV_carts: undefined } },
  { dependsOn: [orders, carts] },
);

export const stream = orders.name;
export const bucket = carts.bucket;
