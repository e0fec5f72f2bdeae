import { readFileSync } from "node:fs";
import {
  constants,
  createServer,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { type AddressInfo, createServer as createListener, type Server } from "node:net";

/** What a provider answers to a method of its own accord: a refusal, or a message. */
type Answer = { readonly unimplemented: string } | { readonly message: Buffer };
export type Answers = Readonly<Record<string, Answer>>;

/** Loads the provider and has it listen on a port, which is free by then; it calls `listening`. */
type Load = (port: number, listening: () => void) => void;

const SERVICE = "/pulumirpc.ResourceProvider/";
/** What the engine asks of every provider before it uses it, and Pulumi's does not implement. */
const REFUSED = ["Handshake", "CheckConfig", "DiffConfig"];
/** Of gRPC: https://grpc.github.io/grpc/core/md_doc_statuscodes.html. */
const OK = 0;
const UNIMPLEMENTED = 12;

/**
 * What Pulumi's provider answers without looking at anything, read in its source: its words are
 * another release's tomorrow, and what it implements then has to be asked of it.
 *
 * @param source - of `@pulumi/pulumi/cmd/dynamic-provider`
 * @param version - of `@pulumi/pulumi`
 * @returns nothing where this Pulumi's provider is another one than is known here
 */
export function answersOf(source: string, version: string): Answers | undefined {
  if (!REFUSED.every((method) => source.includes(`details: "${refusal(method)}"`))) {
    return undefined;
  }
  return Object.fromEntries([
    ...REFUSED.map((method) => [SERVICE + method, { unimplemented: refusal(method) }] as const),
    [`${SERVICE}GetPluginInfo`, { message: firstField(version) }],
    [`${SERVICE}Cancel`, { message: Buffer.alloc(0) }],
  ]);
}

function refusal(method: string): string {
  return `${method} is not implemented by the dynamic provider`;
}

/** The same, of a project's Pulumi. */
export function answersIn(project: NodeJS.Require): Answers | undefined {
  const { version } = project("@pulumi/pulumi/version") as { version: string };
  const source = readFileSync(project.resolve("@pulumi/pulumi/cmd/dynamic-provider"), "utf8");
  return answersOf(source, version);
}

/**
 * Listens on a free port and prints it, as a provider does, and answers what needs no provider. The
 * first question that needs one has it loaded in this process: the connection is ended by the rules
 * of HTTP/2, that question as one that was not looked at, and the engine asks it again at once.
 */
export function answerFirst(answers: Answers, load: Load): void {
  const server = createServer();
  // Apart from the server, which ends its connections where it stops listening.
  const listener = createListener((socket) => server.emit("connection", socket));
  const sessions = new Set<ServerHttp2Session>();
  const waiting: ServerHttp2Stream[] = [];
  let isThere = false;
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
  });
  server.on("stream", (stream, headers) => {
    stream.resume();
    // That a stream was refused, or that nobody waits for its answer, is no mistake.
    stream.on("error", () => {});
    const known = answers[headers[":path"] ?? ""];
    if (known !== undefined) {
      answer(stream, known);
    } else if (isThere) {
      refuse(stream);
    } else if (waiting.push(stream) === 1) {
      handOver(listener, load, () => {
        isThere = true;
        for (const session of sessions) {
          session.goaway();
        }
        waiting.forEach(refuse);
        for (const session of sessions) {
          session.close();
        }
      });
    }
  });
  listener.listen(0, "127.0.0.1", () => process.stdout.write(`${portOf(listener)}\n`));
}

/** Whoever asked knows by this that it was not looked at. */
function refuse(stream: ServerHttp2Stream): void {
  stream.close(constants.NGHTTP2_REFUSED_STREAM);
}

/** The port goes over before a connection ends: whoever connects again finds a listener. */
function handOver(listener: Server, load: Load, listening: () => void): void {
  const port = portOf(listener);
  listener.close();
  load(port, listening);
}

function portOf(listener: Server): number {
  return (listener.address() as AddressInfo).port;
}

function answer(stream: ServerHttp2Stream, known: Answer): void {
  const head = { "content-type": "application/grpc+proto" };
  if ("unimplemented" in known) {
    const status = { "grpc-status": UNIMPLEMENTED, "grpc-message": known.unimplemented };
    stream.respond({ ...head, ...status }, { endStream: true });
    return;
  }
  stream.respond(head, { waitForTrailers: true });
  stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": OK }));
  stream.end(framed(known.message));
}

/** A message as gRPC sends it: not compressed, its length, itself. */
function framed(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** A message of protobuf whose first field is this text of less than 128 bytes. */
function firstField(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x0a, bytes.length]), bytes]);
}
