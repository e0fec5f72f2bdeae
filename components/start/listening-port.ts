type Bound = (error: Error | null, port: number) => void;

/** What of gRPC a provider listens with. */
export interface Grpc {
  readonly Server: {
    readonly prototype: {
      bindAsync: (address: string, credentials: unknown, bound: Bound) => void;
    };
  };
}

/**
 * Has the next server of gRPC that would listen on any free port listen on this one, without the
 * line in which a provider says its port: the engine has read that, and would show another.
 */
export function listenNextOn(port: number, grpc: Grpc, listening: () => void): void {
  const { prototype } = grpc.Server;
  const bind = prototype.bindAsync;
  prototype.bindAsync = function (this: unknown, _, credentials, bound) {
    prototype.bindAsync = bind;
    bind.call(this, `127.0.0.1:${port}`, credentials, (error, given) => {
      if (error === null) {
        withoutLine(String(port));
        listening();
      }
      bound(error, given);
    });
  };
}

/** Leaves out one line of what is printed. */
function withoutLine(line: string): void {
  const { log } = console;
  console.log = (...words) => {
    if (words.length === 1 && words[0] === line) {
      console.log = log;
    } else {
      log(...words);
    }
  };
}
