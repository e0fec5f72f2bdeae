import { writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** An object as an API server answers with. */
type Answer = Readonly<Record<string, unknown>>;

/**
 * As much of an API server as a test says: objects by their path, and what a patch does. It is no
 * Kubernetes; what those do is tested on a real one.
 */
export class FakeKubernetes {
  /** Objects by path, such as `/api/v1/namespaces/tfdc/secrets/nats-tls`. */
  readonly objects = new Map<string, Answer>();
  /** What is done with a patch of a path, before it is answered with the object. */
  onPatch: (path: string, body: Answer) => Promise<void> = async () => undefined;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<FakeKubernetes> {
    const server = createServer((request, response) => {
      void fake.answer(request).then(({ status, body }) => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(body));
      });
    });
    const fake = new FakeKubernetes(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  /** Writes a kubeconfig that leads here. */
  writeKubeconfig(path: string): void {
    const { port } = this.server.address() as AddressInfo;
    const entry = (kind: string, value: object) => [{ name: "fake", [kind]: value }];
    const config = {
      apiVersion: "v1",
      kind: "Config",
      clusters: entry("cluster", {
        server: `http://127.0.0.1:${port}`,
        // The client takes a server without TLS only from somebody who does not mind.
        "insecure-skip-tls-verify": true,
      }),
      users: entry("user", { token: "none" }),
      contexts: entry("context", { cluster: "fake", user: "fake" }),
      "current-context": "fake",
    };
    writeFileSync(path, JSON.stringify(config));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage): Promise<{ status: number; body: Answer }> {
    const [path = ""] = (request.url ?? "").split("?");
    if (request.method === "PATCH") {
      const chunks: Buffer[] = [];
      for await (const chunk of request) {
        chunks.push(chunk as Buffer);
      }
      try {
        await this.onPatch(path, JSON.parse(Buffer.concat(chunks).toString()) as Answer);
      } catch (error) {
        return { status: 500, body: { kind: "Status", message: (error as Error).message } };
      }
    }
    const body = this.objects.get(request.url ?? "") ?? this.objects.get(path);
    return body === undefined
      ? { status: 404, body: { kind: "Status", message: `${path} is not found` } }
      : { status: 200, body };
  }
}
