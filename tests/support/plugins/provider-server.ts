import {
  credentials,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import * as engineServices from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import * as engineMessages from "@pulumi/pulumi/proto/engine_pb.js";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import * as services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import * as messages from "@pulumi/pulumi/proto/provider_pb.js";
import { Status } from "@pulumi/pulumi/proto/status_pb.js";
import { Any } from "google-protobuf/google/protobuf/any_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import type { Properties } from "./values";

/** How one property differs. */
export type Kind =
  | "ADD"
  | "DELETE"
  | "UPDATE"
  | "ADD_REPLACE"
  | "DELETE_REPLACE"
  | "UPDATE_REPLACE";

export interface Diff {
  readonly properties: ReadonlyMap<string, Kind>;
  readonly deleteBeforeReplace?: boolean;
}

export interface Problem {
  readonly property: string;
  readonly reason: string;
}

/** One call about a resource. */
export interface Operation {
  readonly urn: string;
  readonly id: string;
  readonly olds: Properties;
  readonly news: Properties;
  readonly oldInputs: Properties;
  readonly ignoreChanges: readonly string[];
  readonly isPreview: boolean;
  /** Seconds of `customTimeouts`; 0 where there are none. */
  readonly timeout: number;
}

/** What a provider of resources does; the server below speaks the engine's protocol for it. */
export interface Provider {
  readonly version: string;
  configure?(args: Properties): Promise<void>;
  check(operation: Operation): Promise<{ inputs: Properties; problems?: readonly Problem[] }>;
  diff(operation: Operation): Promise<Diff>;
  create(operation: Operation): Promise<{ id: string; properties: Properties }>;
  /** @returns `undefined` where the resource is gone */
  read(operation: Operation): Promise<{ properties: Properties; inputs: Properties } | undefined>;
  update(operation: Operation): Promise<Properties>;
  delete(operation: Operation): Promise<void>;
  cancel?(): void;
}

/** A resource that exists and did not become what it should; its state is kept. */
export class InitFailed extends Error {
  constructor(
    message: string,
    readonly id: string,
    readonly properties: Properties,
    readonly reasons: readonly string[],
    readonly inputs?: Properties,
  ) {
    super(message);
    this.name = "InitFailed";
  }
}

/** Says something to the user, about a resource. */
export type Log = (urn: string, severity: "INFO" | "STATUS", text: string) => void;

/** Serves a provider to the engine that started this process, as every plugin does. */
export function serve(make: (log: Log) => Provider): void {
  const engine = new engineServices.EngineClient(
    process.argv[2] ?? "",
    credentials.createInsecure(),
  );
  const provider = make((urn, severity, text) => {
    const request = new engineMessages.LogRequest();
    request.setUrn(urn);
    request.setSeverity(engineMessages.LogSeverity.INFO);
    // A status stands beside the resource while it changes, and is not kept.
    request.setEphemeral(severity === "STATUS");
    request.setMessage(text);
    engine.log(request, () => undefined);
  });
  const server = new Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  server.addService(services.ResourceProviderService as never, handlers(provider) as never);
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) {
      throw error;
    }
    process.stdout.write(`${port}\n`);
  });
}

function handlers(provider: Provider): Record<string, unknown> {
  return {
    getPluginInfo: answer(async () => {
      const info = new plugin.PluginInfo();
      info.setVersion(provider.version);
      return info;
    }),
    attach: answer(async () => new Empty()),
    cancel: answer(async () => {
      provider.cancel?.();
      return new Empty();
    }),
    getSchema: answer(async () => {
      const response = new messages.GetSchemaResponse();
      response.setSchema("{}");
      return response;
    }),
    checkConfig: answer(async (request: messages.CheckRequest) => {
      const response = new messages.CheckResponse();
      response.setInputs(request.getNews());
      return response;
    }),
    diffConfig: answer(async (request: messages.DiffRequest) => {
      const [olds, news] = [request.getOlds(), request.getNews()].map((struct) =>
        JSON.stringify(read(struct)),
      );
      const response = new messages.DiffResponse();
      const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
      response.setChanges(olds === news ? DIFF_NONE : DIFF_SOME);
      return response;
    }),
    configure: answer(async (request: messages.ConfigureRequest) => {
      await provider.configure?.(read(request.getArgs()));
      const response = new messages.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      return response;
    }),
    check: answer(async (request: messages.CheckRequest) => {
      const { inputs, problems = [] } = await provider.check(operation(request));
      const response = new messages.CheckResponse();
      response.setInputs(write(inputs));
      response.setFailuresList(
        problems.map(({ property, reason }) => {
          const failure = new messages.CheckFailure();
          failure.setProperty(property);
          failure.setReason(reason);
          return failure;
        }),
      );
      return response;
    }),
    diff: answer(async (request: messages.DiffRequest) => {
      return writeDiff(await provider.diff(operation(request)));
    }),
    create: answer(async (request: messages.CreateRequest) => {
      const { id, properties } = await provider.create(operation(request));
      const response = new messages.CreateResponse();
      response.setId(request.getPreview() ? "" : id);
      response.setProperties(write(properties));
      return response;
    }),
    read: answer(async (request: messages.ReadRequest) => {
      const found = await provider.read(operation(request));
      const response = new messages.ReadResponse();
      if (found !== undefined) {
        response.setId(request.getId());
        response.setProperties(write(found.properties));
        response.setInputs(write(found.inputs));
      }
      return response;
    }),
    update: answer(async (request: messages.UpdateRequest) => {
      const response = new messages.UpdateResponse();
      response.setProperties(write(await provider.update(operation(request))));
      return response;
    }),
    delete: answer(async (request: messages.DeleteRequest) => {
      await provider.delete(operation(request));
      return new Empty();
    }),
  };
}

type Request = Partial<
  Pick<messages.CheckRequest, "getOlds" | "getNews" | "getUrn"> &
    Pick<messages.DiffRequest, "getId" | "getOldInputs" | "getIgnorechangesList"> &
    Pick<messages.UpdateRequest, "getPreview" | "getTimeout"> &
    Pick<messages.ReadRequest, "getProperties" | "getInputs">
>;

/** The parts of any call: a creation's properties are new, everything else's are old. */
function operation(request: Request): Operation {
  const isCreate = request instanceof messages.CreateRequest;
  return {
    urn: request.getUrn?.() ?? "",
    id: request.getId?.() ?? "",
    olds: read(isCreate ? undefined : (request.getOlds ?? request.getProperties)?.call(request)),
    news: read((isCreate ? request.getProperties : request.getNews)?.call(request)),
    oldInputs: read((request.getOldInputs ?? request.getInputs)?.call(request)),
    ignoreChanges: request.getIgnorechangesList?.() ?? [],
    isPreview: request.getPreview?.() ?? false,
    timeout: request.getTimeout?.() ?? 0,
  };
}

function writeDiff({ properties, deleteBeforeReplace = false }: Diff): messages.DiffResponse {
  const response = new messages.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
  response.setChanges(properties.size === 0 ? DIFF_NONE : DIFF_SOME);
  response.setHasdetaileddiff(true);
  response.setDeletebeforereplace(deleteBeforeReplace);
  const details = response.getDetaileddiffMap();
  for (const [path, kind] of properties) {
    const one = new messages.PropertyDiff();
    one.setKind(messages.PropertyDiff.Kind[kind]);
    details.set(path, one);
    if (kind.endsWith("_REPLACE")) {
      response.addReplaces(path);
    }
  }
  return response;
}

function answer<Request, Response>(
  work: (request: Request) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call: ServerUnaryCall<Request, Response>, done: sendUnaryData<Response>) => {
    work(call.request).then(
      (response) => done(null, response),
      (error: Error) => done(failure(error)),
    );
  };
}

function failure(error: Error) {
  const metadata = new Metadata();
  if (error instanceof InitFailed) {
    const detail = new messages.ErrorResourceInitFailed();
    detail.setId(error.id);
    detail.setProperties(write(error.properties));
    detail.setReasonsList([...error.reasons]);
    if (error.inputs !== undefined) {
      detail.setInputs(write(error.inputs));
    }
    const packed = new Any();
    packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const described = new Status();
    described.setCode(status.UNKNOWN);
    described.setMessage(error.message);
    described.addDetails(packed);
    metadata.add("grpc-status-details-bin", Buffer.from(described.serializeBinary()));
  }
  return { code: status.UNKNOWN, message: error.message, details: error.message, metadata };
}

function read(struct: Struct | undefined): Properties {
  return (struct?.toJavaScript() ?? {}) as Properties;
}

/** JSON knows no `undefined`, and neither does the protocol. */
function write(properties: Properties): Struct {
  return Struct.fromJavaScript(JSON.parse(JSON.stringify(properties)));
}
