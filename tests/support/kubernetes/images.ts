import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { create } from "tar";

/** An image around one static program, as an archive that a registry-less node can import. */
export interface Image {
  readonly name: string;
  /** The program on this machine, and the path it has in the image. */
  readonly program: string;
  readonly path: string;
  readonly entrypoint: readonly string[];
  readonly command?: readonly string[];
}

export const PAUSE_IMAGE = "registry.k8s.io/pause:3.10";
/** Programs for a test to run in a pod: `lookup NAME`, `connect ADDRESS`, `pause`. */
export const TOOLS_IMAGE = "docker.io/tfdc/test-tools:1";
export const EXPORTER_IMAGE = "docker.io/natsio/prometheus-nats-exporter:0.20.1";

/** The official image of a nats-server: nothing but the program, at the root, without a shell. */
export function natsImage(version: string, program: string): Image {
  return {
    name: `docker.io/library/nats:${version}`,
    program,
    path: "/nats-server",
    entrypoint: ["/nats-server"],
    command: ["--config", "nats-server.conf"],
  };
}

/** The images that stand in for what only a registry has. */
export function standInImages(program: string): Image[] {
  const standIn = (name: string, path: string, entrypoint: string[]): Image => {
    return { name, program, path, entrypoint };
  };
  return [
    standIn(PAUSE_IMAGE, "/stand-in", ["/stand-in", "pause"]),
    standIn(TOOLS_IMAGE, "/stand-in", ["/stand-in"]),
    standIn(EXPORTER_IMAGE, "/prometheus-nats-exporter", ["/prometheus-nats-exporter"]),
  ];
}

/** Writes an image as a docker archive and returns its path. */
export async function writeImage(image: Image, folder: string): Promise<string> {
  const work = mkdtempSync(join(folder, "image-"));
  const root = join(work, "root");
  const inner = image.path.replace(/^\//, "");
  mkdirSync(root);
  copyFileSync(image.program, join(root, inner));
  await create({ file: join(work, "layer.tar"), cwd: root, portable: true }, [inner]);
  const layer = createHash("sha256")
    .update(readFileSync(join(work, "layer.tar")))
    .digest("hex");
  const config = {
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    config: {
      Entrypoint: image.entrypoint,
      Cmd: image.command ?? [],
      Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/"],
      WorkingDir: "/",
    },
    rootfs: { type: "layers", diff_ids: [`sha256:${layer}`] },
  };
  const manifest = [{ Config: "config.json", RepoTags: [image.name], Layers: ["layer.tar"] }];
  writeFileSync(join(work, "config.json"), JSON.stringify(config));
  writeFileSync(join(work, "manifest.json"), JSON.stringify(manifest));
  const archive = `${work}.tar`;
  await create({ file: archive, cwd: work }, ["manifest.json", "config.json", "layer.tar"]);
  rmSync(work, { recursive: true });
  return archive;
}
