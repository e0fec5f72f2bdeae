import { strict as assert } from "node:assert";
import {
  passwordProblems,
  renderCredentials,
  renderNatsConf,
} from "../../../components/nats-server/nats-conf";
import type { NatsServerOptions } from "../../../components/nats-server/server-options";
import { FIRST_OF_THREE, RELOADABLE, RESTART_ONLY } from "../../support/server-options";

const PASSWORDS = { client: "c", provisioner: "p", system: "s", cluster: "r@/:" };

const OPTIONS: NatsServerOptions = {
  ...FIRST_OF_THREE,
  restartOnly: { ...RESTART_ONLY, maxFileStore: "170GiB", maxMemoryStore: "2GiB" },
  reloadable: RELOADABLE,
  files: { storeDirectory: "/data", pidFile: "/run/nats.pid", credentialsFile: "credentials.conf" },
};

const GOLDEN = `include 'credentials.conf'
server_name: "nats-blue-0"
host: "127.0.0.1"
port: 14222
http: "127.0.0.1:18222"
pid_file: "/run/nats.pid"
lame_duck_grace_period: "1s"
lame_duck_duration: "30s"
max_connections: 10000
max_subscriptions: 10000
max_payload: 10485760
max_pending: 268435456
write_deadline: "10s"
ping_interval: "2m"
jetstream {
  store_dir: "/data"
  max_file_store: 182536110080
  max_memory_store: 2147483648
  domain: "blue"
  sync_interval: "2m"
}
cluster {
  name: "blue"
  listen: "127.0.0.1:16222"
  no_advertise: true
  authorization {
    user: "cluster_user"
    password: $CLUSTER_PASSWORD
  }
  routes: $CLUSTER_ROUTES
}
`;

describe("renderNatsConf", () => {
  it("writes the server as it is declared", () => {
    assert.ok(renderNatsConf(OPTIONS).startsWith(GOLDEN), renderNatsConf(OPTIONS));
  });

  it("holds no secret, only the variables that the credentials define", () => {
    const variables = renderNatsConf(OPTIONS).match(/\$[A-Z_]+PASSWORD|\$CLUSTER_ROUTES/g);
    assert.deepEqual(variables, [
      "$CLUSTER_PASSWORD",
      "$CLUSTER_ROUTES",
      "$CLIENT_PASSWORD",
      "$PROVISIONER_PASSWORD",
      "$SYSTEM_PASSWORD",
    ]);
  });

  it("writes no cluster for a server alone, and no domain where there is none", () => {
    const alone = renderNatsConf({
      ...OPTIONS,
      size: 1,
      restartOnly: { ...OPTIONS.restartOnly, domain: "" },
    });
    assert.doesNotMatch(alone, /cluster|domain/);
  });

  it("gives the provisioner what managing assets needs, and no message to read or publish", () => {
    const block = /"tfdc_provisioner"[\s\S]*?subscribe/.exec(renderNatsConf(OPTIONS))?.[0] ?? "";
    assert.deepEqual(block.match(/"\$JS[^"]*"/g), [
      '"$JS.API.INFO"',
      '"$JS.API.STREAM.LIST"',
      '"$JS.API.STREAM.NAMES"',
      '"$JS.API.STREAM.INFO.*"',
      '"$JS.API.STREAM.CREATE.*"',
      '"$JS.API.STREAM.UPDATE.*"',
      '"$JS.API.STREAM.DELETE.*"',
      '"$JS.API.CONSUMER.LIST.*"',
      '"$JS.API.CONSUMER.CREATE.*.tfdc_count"',
      '"$JS.API.CONSUMER.DELETE.*.tfdc_count"',
    ]);
  });
});

describe("renderCredentials", () => {
  it("defines every variable, the routes with their login encoded", () => {
    assert.equal(
      renderCredentials(PASSWORDS, ["127.0.0.1:16222", "127.0.0.1:16223"]),
      [
        'CLIENT_PASSWORD: "c"',
        'PROVISIONER_PASSWORD: "p"',
        'SYSTEM_PASSWORD: "s"',
        'CLUSTER_PASSWORD: "r@/:"',
        "CLUSTER_ROUTES: [",
        '  "nats-route://cluster_user:r%40%2F%3A@127.0.0.1:16222"',
        '  "nats-route://cluster_user:r%40%2F%3A@127.0.0.1:16223"',
        "]",
        "",
      ].join("\n"),
    );
  });

  it("leaves out what a server alone would not refer to", () => {
    assert.doesNotMatch(renderCredentials(PASSWORDS, []), /CLUSTER/);
  });
});

describe("passwordProblems", () => {
  const reasons = (client: string) =>
    passwordProblems({ ...PASSWORDS, client }).map(({ reason }) => reason);

  it("accepts any other text", () => {
    assert.deepEqual(reasons(`'"\\ $x # {`), []);
  });

  it("refuses an empty password", () => {
    assert.deepEqual(reasons(""), ["'passwords.client': a password cannot be empty; set one"]);
  });

  it("refuses what a server takes for a bcrypt hash, without showing it", () => {
    assert.deepEqual(reasons("$2a$11$abc"), [
      "'passwords.client': the server takes a text that begins like this for a bcrypt hash; give the password itself, and choose one that begins otherwise",
    ]);
  });

  it("refuses half a character, which no two programs write alike", () => {
    assert.deepEqual(reasons("a\ud83d"), [
      "'passwords.client': a password must be valid Unicode; choose another one",
    ]);
    assert.deepEqual(reasons("a\ud83d\udd11"), []);
  });

  it("refuses a NUL character", () => {
    assert.deepEqual(reasons("a\u0000b"), [
      "'passwords.client': a password cannot contain a NUL character; choose another one",
    ]);
  });
});
