import { createServer, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import type { Kube } from "./kube-client";

/** A port of this machine that leads to a port of pods. */
export interface Tunnel {
  /** `127.0.0.1:<port>` */
  readonly address: string;
  close(): Promise<void>;
}

/** Where a tunnel leads. */
export interface TunnelTarget {
  readonly namespace: string;
  /** Port of the pods. */
  readonly port: number;
  /** Names of the pods that could take a connection at this moment. */
  candidates(): Promise<readonly string[]>;
}

/** What is closed with a connection. */
interface Forward {
  close(): void;
  onclose?: unknown;
  readonly readyState: number;
}

/**
 * Opens a port of this machine whose connections end in pods, over the API server. Each connection
 * goes to one pod, the next one to the next: whoever reconnects when a pod goes away is led to
 * another by that. A connection that its pod loses is closed here as well.
 */
export async function openTunnel(kube: Kube, target: TunnelTarget): Promise<Tunnel> {
  const sockets = new Set<Socket>();
  let turn = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // The other side tells what happened; this one only has to end.
    socket.on("error", () => socket.destroy());
    void connectToPod(kube, target, socket, turn++);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  // A tunnel that nobody uses keeps no process alive.
  server.unref();
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : 0;
  return {
    address: `127.0.0.1:${port}`,
    close: async () => {
      for (const socket of sockets) {
        socket.destroy();
      }
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Tries one pod after the other, beginning with another one each time. */
async function connectToPod(
  kube: Kube,
  target: TunnelTarget,
  socket: Socket,
  turn: number,
): Promise<void> {
  const pods = await target.candidates().catch(() => []);
  for (let index = 0; index < pods.length; index++) {
    const pod = pods[(turn + index) % pods.length] ?? "";
    if (await forward(kube, target, pod, socket).catch(() => false)) {
      return;
    }
  }
  socket.destroy();
}

/** Ties a connection to a port of a pod. */
async function forward(
  { client, config }: Kube,
  { namespace, port }: TunnelTarget,
  pod: string,
  socket: Socket,
): Promise<boolean> {
  // The kubelet's words on a port that nobody listens on; the connection ends with them.
  const refusal = new PassThrough();
  refusal.on("data", () => socket.destroy());
  const link = (await new client.PortForward(config).portForward(
    namespace,
    pod,
    [port],
    socket,
    refusal,
    socket,
  )) as unknown as Forward & EventTarget;
  socket.on("close", () => link.close());
  link.addEventListener("close", () => socket.destroy());
  link.addEventListener("error", () => socket.destroy());
  if (socket.destroyed) {
    link.close();
  }
  return true;
}
