import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { join, resolve } from "node:path";
import { findKubernetes } from "../../../scripts/toolchain/kubernetes";
import { SERVER_VERSION, TEST_SERVER_VERSIONS } from "../../../scripts/toolchain/versions";
import { serverProgram } from "../test-cluster";
import { rememberMachine } from "./clean";
import { type ControlPlane, startControlPlane } from "./control-plane";
import { waitForFirstPods } from "./first-pods";
import { natsImage, standInImages, writeImage } from "./images";
import { claimInstance, type Instance, NODES, nodePlace, sign } from "./instance";
import { makeNetwork } from "./network";
import { Containerd, startDns, startKubelet, startPolicyController } from "./node";
import { Objects } from "./objects";
import { STORAGE_CLASS_OBJECT } from "./volumes";

const ROOT = resolve(__dirname, "../../..");

/** A real Kubernetes on this machine: control plane, three nodes with containers, names. */
export class Kubernetes extends Objects {
  private constructor(
    private readonly instance: Instance,
    private readonly control: ControlPlane,
    private readonly end: () => Promise<void>,
  ) {
    super(control.api);
  }

  /** Path of a kubeconfig whose user may do everything. */
  get kubeconfig(): string {
    return this.control.kubeconfig;
  }

  /** A folder of the cluster's own, which goes with it. */
  get folder(): string {
    return this.instance.folder;
  }

  /** Address of the name server of the pods. */
  get nameServer(): string {
    return this.instance.gateway;
  }

  /** The network namespaces of the nodes. */
  get networks(): readonly string[] {
    return NODES.map((node) => nodePlace(this.instance, node).network);
  }

  /** Starts it; `stop` clears it away, and so does the end of this process, however it ends. */
  static async start(): Promise<Kubernetes> {
    const programs = findKubernetes();
    const instance = claimInstance();
    const end = keep(instance);
    try {
      rememberMachine(instance);
      makeNetwork(instance);
      const [control, runtimes] = await Promise.all([
        startControlPlane(instance, programs),
        startRuntimes(instance, programs),
      ]);
      const cluster = new Kubernetes(instance, control, end);
      await Promise.all([
        ...runtimes.map(async (runtime) => {
          await startKubelet(instance, programs, control, runtime);
          await startPolicyController(instance, programs, control, runtime.node);
        }),
        startDns(instance, programs, control),
        cluster.apply(STORAGE_CLASS_OBJECT),
      ]);
      await waitForFirstPods(cluster);
      return cluster;
    } catch (error) {
      await end();
      throw error;
    }
  }

  /** Ends every process and container, and leaves no trace on the machine. */
  stop(): Promise<void> {
    return this.end();
  }
}

/** Starts the process that clears everything away; the returned function has it do so now. */
function keep(instance: Instance): () => Promise<void> {
  mkdirSync(join(instance.folder, "logs"));
  const output = openSync(join(instance.folder, "logs", "keeper.log"), "a");
  const keeper = spawn(
    process.execPath,
    [
      ...["--import", "tsx", join(__dirname, "keeper.ts"), instance.folder],
      join(instance.folder, "admin.kubeconfig"),
    ],
    { cwd: ROOT, detached: true, stdio: ["pipe", output, output] },
  );
  closeSync(output);
  keeper.unref();
  if (keeper.pid !== undefined) {
    sign(instance.folder, "keeper", keeper.pid);
  }
  return () =>
    new Promise((done) => {
      if (keeper.exitCode !== null || keeper.signalCode !== null) {
        done();
        return;
      }
      keeper.ref();
      keeper.once("exit", () => done());
      keeper.stdin?.end();
    });
}

/** Starts the container runtime of every node, with every image on it. */
async function startRuntimes(
  instance: Instance,
  programs: ReturnType<typeof findKubernetes>,
): Promise<Containerd[]> {
  const versions = [SERVER_VERSION, ...TEST_SERVER_VERSIONS];
  const servers = versions
    .map((version) => natsImage(version, serverProgram(version)))
    .filter(({ program }) => existsSync(program));
  const images = [...standInImages(programs.standIn), ...servers];
  const [runtimes, archives] = await Promise.all([
    Promise.all(NODES.map((node) => Containerd.start(instance, node, programs))),
    Promise.all(images.map((image) => writeImage(image, instance.folder))),
  ]);
  await Promise.all(
    runtimes.map(async (runtime) => {
      for (const archive of archives) {
        await runtime.import(archive);
      }
    }),
  );
  return runtimes;
}
