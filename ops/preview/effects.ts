import { tellsLoss } from "@tfdc/pulumi-nats/internal/preview-words";
import { nameAndType, type PreviewStep, type Remark } from "./preview-document";
import { propertyChanges } from "./property-diff";

/** What an update does to running servers, by the names of what is restarted or reloaded. */
export interface Effects {
  readonly restarts: readonly string[];
  readonly reloads: readonly string[];
}

const LOCAL_SERVER = "pulumi-nodejs:dynamic/tfdc:LocalNatsServer";
const COMMAND = "command:local:Command";
/** What holds messages. */
export const ASSETS: readonly string[] = [
  "pulumi-nodejs:dynamic/tfdc:Stream",
  "pulumi-nodejs:dynamic/tfdc:KeyValue",
];
/** Kubernetes keeps the volume of a claim that it did not delete; what these hold is gone with them. */
const KEEPERS_OF_DATA = /^kubernetes:(core\/v1:PersistentVolumeClaim|core\/v1:Namespace)$/;

/** Properties of a local server whose change restarts it; every other one is reloaded. */
const RESTARTS = /^(restartOnly|peers)\b/;
/** A server that does not run is started, which restarts nobody. */
const OF_A_PROCESS = "process";

/** Which servers the planned steps restart and reload. */
export function effectsOf(steps: readonly PreviewStep[]): Effects {
  const restarts = new Set<string>();
  const reloads = new Set<string>();
  for (const step of steps) {
    const { name, type } = nameAndType(step.urn);
    const isUpdate = step.op !== "create" && step.op !== "delete";
    if (type === COMMAND && isUpdate) {
      addIfNamed(restarts, name, "-roll");
      addIfNamed(reloads, name, "-reload");
    } else if (type === LOCAL_SERVER && isUpdate) {
      const paths = propertyChanges(step).map(({ path }) => path);
      if (paths.some((path) => RESTARTS.test(path)) || step.op !== "update") {
        restarts.add(name);
      } else if (paths.some((path) => path !== OF_A_PROCESS)) {
        reloads.add(name);
      }
    }
  }
  const rolled = [...restarts];
  // Servers that are restarted read the rest of their configuration as well.
  return { restarts: rolled, reloads: [...reloads].filter((name) => !restarts.has(name)) };
}

function addIfNamed(found: Set<string>, name: string, suffix: string): void {
  if (name.endsWith(suffix)) {
    found.add(name.slice(0, -suffix.length));
  }
}

/** What a step deletes, as far as the preview says or its kind tells. */
export function lossOf(step: PreviewStep): Remark[] {
  const { name, type } = nameAndType(step.urn);
  const deletes = step.op === "delete" || step.op === "delete-replaced";
  if (ASSETS.includes(type)) {
    const warning = step.newState?.inputs?.warning;
    const isKept = step.oldState?.inputs?.deletionPolicy === "retain";
    return [
      ...(typeof warning === "string" && tellsLoss(warning) && step.op !== "delete-replaced"
        ? [{ about: name, text: warning }]
        : []),
      ...(deletes && !isKept
        ? [{ about: name, text: "is deleted, with everything that it holds" }]
        : []),
    ];
  }
  return deletes && KEEPERS_OF_DATA.test(type)
    ? [{ about: name, text: "is deleted, with everything that it holds" }]
    : [];
}
