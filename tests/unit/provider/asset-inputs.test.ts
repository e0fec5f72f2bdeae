import { strict as assert } from "node:assert";
import { DELETION_POLICY_VARIABLE } from "../../../components/asset-options";
import { BUCKET, STREAM } from "../../../components/jetstream/asset-kinds";
import { UNKNOWN } from "../../../components/jetstream/kinds";
import {
  adoptOf,
  assetProperties,
  connectionOf,
  deletionPolicyOf,
  LIVE_STATE,
  optionProblems,
  otherProperties,
  READ,
} from "../../../components/provider/asset-inputs";

const connection = { servers: ["127.0.0.1:4222"], user: "provisioner" };
const props = {
  name: "x",
  maxAge: "7d",
  connection,
  adopt: "always",
  [LIVE_STATE]: READ,
  __provider: "exports.handler = ...",
};

describe("the properties of a resource", () => {
  it("are the asset's own, of which every one is there, with the defaults that no state holds", () => {
    const own = assetProperties(STREAM, props);
    assert.deepEqual(Object.keys(own), STREAM.properties);
    assert.deepEqual(
      Object.entries(own).filter(([, value]) => value !== undefined),
      [
        ["name", "x"],
        ["maxAge", "7d"],
        ["allowMsgTtl", false],
        ["subjectDeleteMarkerTtl", "none"],
        ["allowMsgCounter", false],
        ["allowAtomicPublish", false],
        ["allowMsgSchedules", false],
        ["persistMode", "default"],
        ["allowBatchPublish", false],
      ],
    );
  });

  it("and all others, but for the state in which the asset was seen", () => {
    assert.deepEqual(otherProperties(STREAM, props), {
      connection,
      adopt: "always",
      __provider: "exports.handler = ...",
    });
  });

  it("are told apart by the names that a bucket has for them", () => {
    const bucket = { bucket: "b", ttl: "1h", maxAge: "7d", connection };
    assert.equal(assetProperties(BUCKET, bucket).ttl, "1h");
    assert.deepEqual(otherProperties(BUCKET, bucket), { maxAge: "7d", connection });
  });

  it("hold the connection", () => {
    assert.equal(connectionOf(props), connection);
  });
});

describe("the policies of a resource", () => {
  afterEach(() => {
    delete process.env[DELETION_POLICY_VARIABLE];
  });

  it("are careful where nothing is said", () => {
    assert.equal(adoptOf({}), "ifEqual");
    assert.equal(deletionPolicyOf({}), "refuseIfNotEmpty");
  });

  it("are those of the resource", () => {
    assert.equal(adoptOf({ adopt: "never" }), "never");
    assert.equal(deletionPolicyOf({ deletionPolicy: "retain" }), "retain");
  });

  it("give way to the environment, for one command", () => {
    process.env[DELETION_POLICY_VARIABLE] = "delete";
    assert.equal(deletionPolicyOf({ deletionPolicy: "retain" }), "delete");
    process.env[DELETION_POLICY_VARIABLE] = "";
    assert.equal(deletionPolicyOf({ deletionPolicy: "retain" }), "retain");
  });

  it("refuse a word of the environment that is no policy", () => {
    process.env[DELETION_POLICY_VARIABLE] = "yes";
    assert.throws(() => deletionPolicyOf({}), {
      name: "UserError",
      message:
        'TFDC_NATS_DELETION_POLICY is "yes": it must be one of "refuseIfNotEmpty", "delete", "retain"; correct or unset it.',
    });
  });
});

describe("optionProblems", () => {
  it("are none for good options, and where nothing is said", () => {
    assert.deepEqual(optionProblems({ connection }), []);
    const chosen = { connection, adopt: "never", deletionPolicy: "delete" };
    assert.deepEqual(optionProblems(chosen), []);
  });

  it("name every option that is none, at once", () => {
    assert.deepEqual(
      optionProblems({ adopt: "yes", deletionPolicy: true, connection: { servers: [] } }),
      [
        {
          property: "adopt",
          reason: `'adopt' is "yes": no such policy; use one of "never", "ifEqual", "always"`,
        },
        {
          property: "deletionPolicy",
          reason: `'deletionPolicy' is true: no such policy; use one of "refuseIfNotEmpty", "delete", "retain"`,
        },
        {
          property: "connection.servers",
          reason: `'connection.servers' is []: a connection needs at least one server; use ["host:4222"]`,
        },
      ],
    );
  });

  it("name what is no permission to lose or to switch anything", () => {
    const given = {
      connection,
      onRefusedChange: "backup",
      allowDataLoss: { upToMessages: -1 },
      acknowledgeIrreversible: "yes",
      backupDirectory: "",
      keepBackup: 1,
      guarded: 1,
      serverVersion: 2.11,
    };
    assert.deepEqual(
      optionProblems(given).map(({ reason }) => reason),
      [
        `'onRefusedChange' is "backup": no such policy; use one of "fail", "replaceIfEmpty", "backupAndRecreate"`,
        `'allowDataLoss' is {"upToMessages":-1}: it must be true, false, or a number of messages; use { upToMessages: 1000 }`,
        `'acknowledgeIrreversible' is "yes": it must be true or false; use true or remove it`,
        `'backupDirectory' is "": it must be the path of a folder; use "backups"`,
        "'keepBackup' is 1: it must be true or false; use true or remove it",
        "'guarded' is 1: it must be true or false; use true or remove it",
        `'serverVersion' is 2.11: it must be a version of nats-server; use "2.10.29"`,
      ],
    );
    assert.deepEqual(optionProblems({ connection, allowDataLoss: { upToMessages: 0 } }), []);
    assert.deepEqual(optionProblems({ connection, allowDataLoss: true, guarded: true }), []);
    assert.deepEqual(optionProblems({ connection, serverVersion: "2.12.0-RC.1" }), []);
  });

  it("want a name or a file of whoever asks the servers, and do not tell a password", () => {
    const system = { password: "secret" };
    assert.deepEqual(
      optionProblems({ connection: { ...connection, system } }).map(({ reason }) => reason),
      [
        "'connection.system' is {}: a user of the system account has a name or a credsFile; give user and password, or credsFile",
      ],
    );
    const known = [{ user: "s", password: { env: "S" } }, { credsFile: "s.creds" }];
    for (const one of known) {
      assert.deepEqual(optionProblems({ connection: { ...connection, system: one } }), []);
    }
  });

  it("take a Service of Kubernetes for servers, and refuse half of one and both", () => {
    const kubernetes = { namespace: "tfdc", service: "nats-blue-client" };
    assert.deepEqual(optionProblems({ connection: { kubernetes } }), []);
    const given = { servers: ["a:1"], kubernetes: { namespace: "" } };
    assert.deepEqual(
      optionProblems({ connection: given }).map(({ reason }) => reason),
      [
        `'connection.servers' is ["a:1"]: a connection goes by 'servers' or by 'kubernetes', and both are given; leave one of them out`,
        `'connection.kubernetes.namespace' is "": the pods are found by a Service and its namespace; give the namespace`,
        "'connection.kubernetes.service' is not set: the pods are found by a Service and its namespace; give the service",
      ],
    );
  });

  it("ask for servers where there is no connection, or none that is a list", () => {
    for (const [given, shown] of [
      [undefined, "not set"],
      [null, "not set"],
      [{}, "not set"],
      [{ servers: "a:1" }, '"a:1"'],
    ] as const) {
      assert.deepEqual(
        optionProblems({ connection: given }).map(({ reason }) => reason),
        [
          `'connection.servers' is ${shown}: a connection needs at least one server; use ["host:4222"]`,
        ],
      );
    }
  });

  it("name each server that is none", () => {
    assert.deepEqual(
      optionProblems({ connection: { servers: ["a:1", "", 7, " "] } }).map(({ reason }) => reason),
      ['""', "7", '" "'].map(
        (shown) => `'connection.servers' is ${shown}: a server is host:port; use "host:4222"`,
      ),
    );
  });

  it("say nothing of what is not known yet", () => {
    const unknown = { adopt: UNKNOWN, deletionPolicy: UNKNOWN, connection: UNKNOWN };
    assert.deepEqual(optionProblems(unknown), []);
    assert.deepEqual(optionProblems({ connection: { servers: [UNKNOWN] } }), []);
  });
});
