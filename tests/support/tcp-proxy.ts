import { connect, createServer, type Server, type Socket } from "node:net";

/** A TCP proxy of this machine, through which a test slows, swallows or cuts a connection. */
export class TcpProxy {
  /** Milliseconds that the next piece of data waits; order is kept. */
  delay: () => number = () => 0;
  /** Whether a new connection is ended at once. */
  refuses: () => boolean = () => false;
  /** Sees what clients send, before it is passed on. */
  onRequest: (text: string) => void = () => undefined;
  private isSilent = false;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {
    server.on("connection", (socket) => this.accept(socket));
  }

  /** Starts a proxy in front of a port of the loopback address. */
  static async to(target: number): Promise<TcpProxy> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    return new TcpProxy(server, target);
  }

  get port(): number {
    const address = this.server.address();
    return address !== null && typeof address === "object" ? address.port : 0;
  }

  /** From now on nothing comes through, in either direction, and nobody is told. */
  silence(): void {
    this.isSilent = true;
  }

  /** Everything comes through again, on new connections: the old ones have lost bytes. */
  heal(): void {
    this.isSilent = false;
    this.cut();
  }

  /** Ends every connection that there is. */
  cut(): void {
    for (const socket of this.sockets) {
      socket.destroy();
    }
    this.sockets.clear();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private accept(client: Socket): void {
    if (this.refuses()) {
      client.destroy();
      return;
    }
    const upstream = connect({ host: "127.0.0.1", port: this.target });
    this.pass(client, upstream, (data) => this.onRequest(data.toString("latin1")));
    this.pass(upstream, client, () => undefined);
  }

  private pass(from: Socket, to: Socket, see: (data: Buffer) => void): void {
    this.sockets.add(from);
    // One queue and one timer: timers of their own would not keep the order on a busy machine.
    const waiting: { readonly data: Buffer; readonly due: number }[] = [];
    let timer: NodeJS.Timeout | undefined;
    const pump = () => {
      timer = undefined;
      for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
        const wait = next.due - Date.now();
        if (wait > 0) {
          timer = setTimeout(pump, wait);
          return;
        }
        waiting.shift();
        if (to.writable) {
          to.write(next.data);
        }
      }
    };
    from.setNoDelay(true);
    from.on("error", () => to.destroy());
    from.on("close", () => {
      this.sockets.delete(from);
      to.destroy();
    });
    from.on("data", (data) => {
      if (this.isSilent) {
        return;
      }
      see(data);
      waiting.push({ data, due: Date.now() + this.delay() });
      if (timer === undefined) {
        pump();
      }
    });
  }
}
