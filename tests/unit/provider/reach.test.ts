import { strict as assert } from "node:assert";
import { reach } from "../../../components/provider/reach";

const KUBERNETES = { namespace: "tfdc", service: "nats-blue-client" };

describe("reach", () => {
  const saved = { ...process.env };

  beforeEach(() => {
    delete process.env.KUBECONFIG;
    delete process.env.KUBERNETES_SERVICE_HOST;
  });

  afterEach(() => {
    process.env = { ...saved };
  });

  it("goes to servers as they are named", async () => {
    const { servers } = await reach("a cluster", { servers: ["a:4222", "b:4222"] });
    assert.deepEqual(servers, ["a:4222", "b:4222"]);
  });

  it("goes by the name of the Service where it runs in the same cluster", async () => {
    process.env.KUBERNETES_SERVICE_HOST = "10.0.0.1";
    const { servers } = await reach("a cluster", { kubernetes: { ...KUBERNETES, port: 4223 } });
    assert.deepEqual(servers, ["nats-blue-client.tfdc:4223"]);
  });

  it("goes over the API server where one is named, wherever it runs", async () => {
    process.env.KUBERNETES_SERVICE_HOST = "10.0.0.1";
    const kubernetes = { ...KUBERNETES, kubeconfig: "/nonexistent/kubeconfig" };
    await assert.rejects(reach("a cluster", { kubernetes }), {
      name: "UserError",
      message:
        "the kubeconfig '/nonexistent/kubeconfig' cannot be read: ENOENT: no such file or directory, open '/nonexistent/kubeconfig'; name another one, or mend it.",
    });
  });
});
