import { strict as assert } from "node:assert";
import type { Service } from "../../../components/kubernetes/manifests";
import { servicePortProblems } from "../../../components/kubernetes/service-rules";

type Ports = NonNullable<NonNullable<Service["spec"]>["ports"]>;

function reasons(ports: Ports): string[] {
  const problems = servicePortProblems("transform.clientService", { spec: { ports } });
  return problems.map(({ reason }) => reason);
}

describe("servicePortProblems", () => {
  it("has nothing against one port without a name, and several with names", () => {
    assert.deepEqual(servicePortProblems("transform.clientService", {}), []);
    assert.deepEqual(reasons([{ port: 4222 }]), []);
    assert.deepEqual(
      reasons([
        { name: "client", port: 4222 },
        { name: "datagrams", port: 4222, protocol: "UDP" },
      ]),
      [],
    );
  });

  it("refuses a name of two ports", () => {
    assert.deepEqual(
      reasons([
        { name: "client", port: 4222 },
        { name: "client", port: 443 },
      ]),
      [
        "'transform.clientService' names the ports 4222 and 443 'client': a name stands for one port of a Service; give each its own",
      ],
    );
  });

  it("refuses a port without a name among several, and one that is there twice", () => {
    assert.deepEqual(reasons([{ name: "client", port: 4222 }, { port: 4222 }]), [
      "'transform.clientService' has a port without a name among several: each needs one; give it one",
      "'transform.clientService' has the port 4222/TCP twice: a Service has each once; take one away",
    ]);
  });
});
