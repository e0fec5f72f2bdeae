/** Properties of a resource as the engine hands them over. */
export type Properties = Record<string, unknown>;

/** One problem found by `check`, as the engine prints it. */
export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

/** What `check` answers. */
export interface CheckResult {
  readonly inputs: Properties;
  readonly failures: CheckFailure[];
}

/**
 * What `diff` answers. Leaving `changes` out makes the engine work out the difference property by
 * property, which is the only way a dynamic resource gets a detailed diff.
 */
export interface DiffResult {
  readonly changes?: boolean;
  readonly replaces?: string[];
  readonly deleteBeforeReplace?: boolean;
}

/** What `read` answers. An empty object means that the resource is gone. */
export interface ReadResult {
  readonly id?: string;
  readonly props?: Properties;
  /** Without these the engine would not see which property drifted. */
  readonly inputs?: Properties;
}

/** The configuration of the stack, as the engine passes it to a provider. */
export interface ConfigureRequest {
  readonly config: { get(key: string): string | undefined };
}

/** The calls that Pulumi makes of a dynamic provider, as its host process passes them on. */
export interface DynamicProvider {
  configure(request: ConfigureRequest): Promise<void>;
  check(olds: Properties, news: Properties): Promise<CheckResult>;
  diff(id: string, olds: Properties, news: Properties): Promise<DiffResult>;
  create(inputs: Properties): Promise<{ id: string; outs: Properties }>;
  read(id: string, props: Properties): Promise<ReadResult>;
  update(id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }>;
  delete(id: string, props: Properties): Promise<void>;
}
