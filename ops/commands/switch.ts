import type { ConnectionArgs } from "@tfdc/pulumi-nats/internal/connection-args";
import { openLink } from "@tfdc/pulumi-nats/internal/provider/cluster-link";
import { UserError } from "@tfdc/pulumi-nats/internal/user-error";
import type { Cluster } from "../cluster/cluster";
import { COLOURS, findCluster, requireRoot } from "../cluster/discover";
import { OUTPUT_OPTIONS } from "../cluster/options";
import { isLocalStack } from "../cluster/pulumi-stack";
import { EXIT } from "../exit-codes";
import { examine } from "../health/examine";
import { observe } from "../observe/observe";
import { type Active, type ActiveStore, urlOf } from "../switch/active";
import { activeFile } from "../switch/active-file";
import { ACTIVE_SERVICE, activeAddress, activeService } from "../switch/active-service";
import { objections } from "../switch/guards";
import { paint } from "../terminal/colours";
import { print, printJson, say } from "../terminal/print";
import { UsageError } from "../usage-error";
import { defineCommand } from "./command";

const ASK = 5_000;

export const switchColour = defineCommand({
  command: "switch [colour]",
  describe: "Which colour clients should use: show it, or change it once the other is fit for it",
  examples: [
    ["switch", "the colour that is active, and its address"],
    ["switch green", "make green active, if it is healthy and equal to the one before"],
    ["switch --back", "return to the colour before"],
  ],
  options: (command) =>
    command
      .positional("colour", { type: "string", describe: "the colour that clients should use" })
      .options(OUTPUT_OPTIONS)
      .options({
        back: { type: "boolean", describe: "return to the colour before; parity is not asked" },
        force: { type: "boolean", describe: "in spite of what is found" },
      }),
  run: async (args) => {
    const place = placeOf(requireRoot(), args.colour);
    const current = await place.store.read();
    const show = (active: Active) => {
      if (args.output === "json") {
        printJson({ ...active, url: urlOf(active) });
      } else {
        print(`${active.colour} is active since ${active.since}: ${urlOf(active)}`);
      }
    };
    const wanted = args.back === true ? current?.before : args.colour;
    if (wanted === undefined) {
      if (args.back === true || current === undefined) {
        throw new UsageError(
          "no colour has been made active yet; do so with: tfdc-nats switch blue.",
        );
      }
      show(current);
      return EXIT.good;
    }
    if (wanted === current?.colour) {
      show(current);
      return EXIT.good;
    }
    const to = findCluster({}, wanted);
    const before = current === undefined ? undefined : findCluster({}, current.colour);
    const reasons = await guards(to, args.back === true ? undefined : before);
    for (const reason of reasons) {
      say(`${paint("red", "✗")} ${reason}`);
    }
    if (reasons.length > 0 && args.force !== true) {
      const stays = current === undefined ? "nothing is active" : `${current.colour} stays active`;
      throw new UserError(
        `not switched to ${wanted}: ${stays}; mend what is found, or switch in spite of it with --force.`,
      );
    }
    show(await activate(place, to, current));
    return EXIT.good;
  },
});

/** Where the active colour is kept, and how clients come to it. */
interface Place {
  readonly store: ActiveStore;
  /** What clients dial once a colour is active. */
  readonly servers: (to: Cluster) => readonly string[];
  /** How a client comes to the active colour. */
  readonly asClient: (to: Cluster) => ConnectionArgs;
}

/** On this machine a file; on Kubernetes the Service that clients follow. */
function placeOf(root: string, colour: string | undefined): Place {
  const local = (colour === undefined ? COLOURS : [colour]).some((one) =>
    isLocalStack(root, `local-${one}`),
  );
  if (local) {
    return {
      store: activeFile(root),
      servers: ({ connection }) => connection.servers ?? [],
      asClient: ({ connection }) => connection,
    };
  }
  const { name, connection } = findCluster({}, colour ?? COLOURS[0]);
  const { kubernetes } = connection;
  if (kubernetes === undefined) {
    throw new UserError(
      `'${name}' lives neither on this machine nor on Kubernetes: what its clients dial is not known here, and is to be changed where they have it from.`,
    );
  }
  return {
    store: activeService(kubernetes),
    servers: () => [activeAddress(kubernetes.namespace)],
    asClient: (to) => ({
      ...to.connection,
      kubernetes: { ...kubernetes, service: ACTIVE_SERVICE },
    }),
  };
}

async function guards(to: Cluster, before: Cluster | undefined): Promise<string[]> {
  return objections(
    await examine(to),
    before === undefined ? undefined : { cluster: before, observation: await observe(before) },
  );
}

/** Switches, tries the colour as a client would, and takes it back where it does not serve. */
async function activate(
  { store, servers, asClient }: Place,
  to: Cluster,
  current: Active | undefined,
): Promise<Active> {
  const active: Active = {
    colour: to.name,
    servers: servers(to),
    since: new Date().toISOString(),
    ...(current === undefined ? {} : { before: current.colour }),
  };
  await store.write(active);
  try {
    const link = await openLink(asClient(to));
    await link.ask("$JS.API.INFO", undefined, ASK).finally(() => link.close());
    return active;
  } catch (error) {
    if (current !== undefined) {
      await store.write(current);
    }
    throw new UserError(
      `${to.name} does not serve clients (${(error as Error).message}); ${current === undefined ? "it was the first to be made active" : `${current.colour} is active again`}.`,
      { cause: error },
    );
  }
}
