import { strict as assert } from "node:assert";
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Client, credentials, type ServiceError, type StatusObject } from "@grpc/grpc-js";
import { answersOf } from "../../../components/start/first-answers";

const FOLDER = resolve(__dirname, "../../../components/dist/start");
const SOURCE = readFileSync(require.resolve("@pulumi/pulumi/cmd/dynamic-provider"), "utf8");
const SERVICE = "/pulumirpc.ResourceProvider/";

/** A process that answers first, and has a server of gRPC that answers every other question itself. */
const PROGRAM = `
const { readFileSync } = require("node:fs");
const { answerFirst, answersOf } = require("${FOLDER}/first-answers");
const { listenNextOn } = require("${FOLDER}/listening-port");
const source = readFileSync(require.resolve("@pulumi/pulumi/cmd/dynamic-provider"), "utf8");
answerFirst(answersOf(source, "3.270.0"), (port, listening) => {
  const grpc = require("@grpc/grpc-js");
  listenNextOn(port, grpc, listening);
  const plain = (value) => value;
  const server = new grpc.Server();
  const method = (path) => ({
    path, requestStream: false, responseStream: false,
    requestDeserialize: plain, requestSerialize: plain, responseSerialize: plain, responseDeserialize: plain,
  });
  const said = (call, callback) => callback(null, Buffer.concat([Buffer.from("provider: "), call.request]));
  server.addService(
    { Configure: method("${SERVICE}Configure"), Read: method("${SERVICE}Read") },
    { Configure: said, Read: said },
  );
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, given) => {
    if (error) throw error;
    console.log(String(given));
    console.log("ready");
  });
});`;

describe("what a provider answers before it is loaded", () => {
  let child: ChildProcess;
  let client: Client;
  let printed = "";

  beforeEach(async () => {
    printed = "";
    child = spawn(process.execPath, ["-e", PROGRAM], { stdio: ["ignore", "pipe", "inherit"] });
    const port = await new Promise<string>((done) =>
      child.stdout?.on("data", (data) => {
        printed += data;
        done(printed.trim());
      }),
    );
    client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  });

  afterEach(() => {
    client.close();
    child.kill();
  });

  interface Said {
    readonly message: string | undefined;
    readonly status: Pick<StatusObject, "code" | "details">;
  }

  function ask(method: string, words = ""): Promise<Said> {
    const plain = (value: Buffer) => value;
    return new Promise((done) => {
      let message: string | undefined;
      const path = SERVICE + method;
      const question = Buffer.from(words);
      const call = client.makeUnaryRequest(
        path,
        plain,
        plain,
        question,
        (_: ServiceError | null, reply) => {
          message = reply?.toString();
        },
      );
      call.on("status", ({ code, details }) => done({ message, status: { code, details } }));
    });
  }

  it("is that it does not implement what Pulumi's does not", async () => {
    for (const method of ["Handshake", "CheckConfig", "DiffConfig"]) {
      const details = `${method} is not implemented by the dynamic provider`;
      assert.deepEqual((await ask(method)).status, { code: 12, details });
    }
    assert.doesNotMatch(printed, /ready/);
  });

  it("is its version, and that it ends where it is told to", async () => {
    const { message, status } = await ask("GetPluginInfo");
    assert.deepEqual([status.code, message], [0, "\n\u00073.270.0"]);
    const end = await ask("Cancel");
    assert.deepEqual([end.status.code, end.message], [0, ""]);
    assert.doesNotMatch(printed, /ready/);
  });

  it("is nothing more: the provider answers each other question on the same port, once", async () => {
    await ask("Handshake");
    const [one, two] = await Promise.all([ask("Configure", "one"), ask("Read", "two")]);
    assert.deepEqual([one.message, two.message], ["provider: one", "provider: two"]);
    assert.equal((await ask("Read", "three")).message, "provider: three");
    // The engine has read the port, and would show what else is printed.
    const [port, ...rest] = printed.trim().split("\n");
    assert.match(port ?? "", /^\d+$/);
    assert.deepEqual(rest, ["ready"]);
  });

  it("is nothing at all where Pulumi's provider implements one of these", () => {
    assert.notEqual(answersOf(SOURCE, "3.270.0"), undefined);
    const other = SOURCE.replace('"CheckConfig is not implemented by the dynamic provider"', "why");
    assert.equal(answersOf(other, "3.300.0"), undefined);
  });
});
