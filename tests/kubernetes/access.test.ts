import { strict as assert } from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import type { ConnectionArgs } from "../../components/connection-args";
import { STREAM } from "../../components/jetstream/asset-kinds";
import { assetProvider } from "../../components/provider/asset-provider";
import { openLink } from "../../components/provider/cluster-link";
import { closeLinks } from "../../components/provider/link-pool";
import { reach } from "../../components/provider/reach";
import { freePorts } from "../support/free-ports";
import type { Kubernetes } from "../support/kubernetes/cluster";
import { until } from "../support/kubernetes/objects";
import { sharedKubernetes } from "../support/kubernetes/shared";
import { KubernetesColour } from "../support/kubernetes-colour";

describe("a connection by 'kubernetes'", function () {
  this.timeout(240_000);
  let kubernetes: Kubernetes;
  let colour: KubernetesColour;
  let namespace: string;

  before(async () => {
    kubernetes = await sharedKubernetes();
    namespace = await kubernetes.namespace("access");
    colour = new KubernetesColour(kubernetes, namespace);
    await colour.up();
  });

  afterEach(closeLinks);

  after(() => kubernetes.removeNamespace(namespace));

  it("makes, reads and deletes a stream over a port-forward", async () => {
    const provider = assetProvider(STREAM);
    const { inputs, failures } = await provider.check(
      {},
      { name: "ORDERS", subjects: ["orders.>"], replicas: 3, connection: colour.connection },
    );
    assert.deepEqual(failures, []);
    const { id, outs } = await provider.create(inputs);
    const { props } = await provider.read(id, outs);
    assert.equal(props?.liveState, "read");
    assert.equal(props?.replicas, 3);
    await provider.delete(id, outs);
  });

  it("closes its port with itself", async () => {
    const path = await reach("the colour of a test", colour.connection);
    const port = Number(path.servers[0]?.split(":")[1]);
    const connects = () =>
      new Promise<boolean>((done) => {
        const socket = createConnection(port, "127.0.0.1");
        socket.once("data", () => socket.destroy());
        socket.once("connect", () => done(true));
        socket.once("error", () => done(false));
      });
    assert.ok(await connects());
    await path.close();
    assert.ok(!(await connects()));
  });

  it("shows an API server that is away as a cluster that is away", async () => {
    const [port] = await freePorts(1);
    const text = readFileSync(kubernetes.kubeconfig, "utf8");
    const kubeconfig = join(kubernetes.folder, "away.kubeconfig");
    writeFileSync(kubeconfig, text.replace(/(https:\/\/)[\d.:]+/g, `$1127.0.0.1:${port}`));
    const access = { namespace, service: "nats-blue-client", kubeconfig };
    const connection = { ...colour.connection, kubernetes: access };
    const { props } = await assetProvider(STREAM).read("ORDERS", { name: "ORDERS", connection });
    assert.equal(
      props?.liveState,
      `unreachable: the API server https://127.0.0.1:${port} does not answer: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
  });

  it("moves on to another pod when its own goes away", async () => {
    const link = await openLink(colour.connection);
    try {
      for (const pod of ["nats-blue-0", "nats-blue-1", "nats-blue-2"]) {
        await kubernetes.deletePod(namespace, pod, 0);
        await until("JetStream answers", async () => {
          await link.ask("$JS.API.INFO", undefined, 2_000);
          return true;
        });
        assert.equal((await colour.step("settled")).code, 0);
      }
    } finally {
      await link.close();
    }
  });

  async function refusal(change: Partial<ConnectionArgs>): Promise<string> {
    const link = await openLink({ ...colour.connection, ...change }).catch((error: Error) => error);
    assert.ok(link instanceof Error);
    return link.message;
  }

  it("refuses the wrong cluster, as a direct one does", async () => {
    assert.equal(
      await refusal({ cluster: "green" }),
      `cluster 'green' at service nats-blue-client in namespace ${namespace} is the wrong cluster: the servers there say they are cluster 'blue', and 'green' is declared. Nothing was read or written; correct 'servers' or 'cluster' of the connection.`,
    );
  });

  it("refuses a wrong password in the server's words", async () => {
    assert.equal(
      await refusal({ password: "wrong" }),
      `cannot reach cluster 'blue' at service nats-blue-client in namespace ${namespace}: Authorization Violation; check the user and the password that the connection refers to`,
    );
  });

  it("names a service that does not exist, and a context that nobody knows", async () => {
    const access = { namespace, service: "nats-red-client", kubeconfig: kubernetes.kubeconfig };
    assert.match(
      await refusal({ kubernetes: access }),
      /: the API server https:\/\/\S+ answers 404: services "nats-red-client" not found; check that the API server runs/,
    );
    assert.match(
      await refusal({ kubernetes: { ...access, context: "moon" } }),
      /^the kubeconfig has no context 'moon': it has \S+; name one of them\.$/,
    );
  });
});
