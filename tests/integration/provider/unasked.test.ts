import { strict as assert } from "node:assert";
import { stream } from "../../../components/provider";
import { closeLinks } from "../../../components/provider/link-pool";
import { freePorts } from "../../support/free-ports";
import { PulumiProject, projectFile } from "../../support/pulumi-project";
import { TestCluster } from "../../support/test-cluster";

const UNASKED =
  "This preview shows what is declared, and could compare nothing with what is there; the update will do that first.";

describe("a preview of new assets whose cluster cannot be asked", function () {
  this.timeout(120_000);
  let server: string;

  before(async () => {
    const [port] = await freePorts(1);
    server = `127.0.0.1:${port}`;
  });

  afterEach(closeLinks);

  /** What the check of a new stream warns of. */
  async function warningOf(name: string, connection: object, args: object = {}): Promise<unknown> {
    const news = { name, subjects: [`${name}.>`], connection, ...args };
    const { inputs, failures } = await stream.check({}, news);
    assert.deepEqual(failures, []);
    return inputs.warning;
  }

  it("says why, once for all of them", async () => {
    assert.equal(
      await warningOf("a", { servers: [server] }),
      `cannot reach the NATS cluster at ${server}: connect ECONNREFUSED ${server}; check that the servers run and that this machine reaches them. ${UNASKED}`,
    );
    assert.equal(await warningOf("b", { servers: [server] }), undefined);
  });

  it("says nothing where the same program makes the servers, which are not there yet", async () => {
    const connection = { servers: [server], cluster: "blue" };
    assert.equal(await warningOf("c", connection, { serverVersion: "2.10.29" }), undefined);
  });

  it("says so of a password that the server does not take", async () => {
    const cluster = await TestCluster.start({
      size: 1,
      extra: "authorization { users: [ { user: a, password: right } ] }",
    });
    try {
      const { servers } = cluster;
      process.env.UNASKED_PASSWORD = "wrong";
      const connection = { servers, user: "a", password: { env: "UNASKED_PASSWORD" } };
      assert.equal(
        await warningOf("d", connection),
        `cannot reach the NATS cluster at ${servers[0]}: Authorization Violation; check the user and the password that the connection refers to. ${UNASKED}`,
      );
    } finally {
      delete process.env.UNASKED_PASSWORD;
      await closeLinks();
      await cluster.stop();
    }
  });

  it("is shown by pulumi, beside a project file that hides drift", async () => {
    const project = new PulumiProject({
      "index.js": `
const { JetStreamAssets } = require("@tfdc/pulumi-nats");
new JetStreamAssets("a", {
  connection: { servers: [${JSON.stringify(server)}] },
  streams: { a: { subjects: ["a.>"] }, b: { subjects: ["b.>"] } },
});
`,
      "Pulumi.yaml": projectFile("hidden").replace('"refresh":"always"', ""),
      "package.json": '{ "name": "hidden", "main": "index.js" }\n',
    });
    try {
      await project.init();
      const { stderr: shown } = await project.ok("preview", "--diff");
      assert.equal(shown.split("cannot reach the NATS cluster").length, 2, shown);
      assert.equal(shown.split("does not say `options: { refresh: always }`").length, 2, shown);
    } finally {
      project.remove();
    }
  });
});
