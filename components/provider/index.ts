import { BUCKET, STREAM } from "../jetstream/asset-kinds";
import { assetProvider } from "./asset-provider";
import { clusterMembers as members } from "./cluster-members";
import { forEngine } from "./for-engine";
import { guardProvider } from "./guard-provider";
import { clusterCertificates as certificates } from "./kubernetes/cluster-certificates";
import { clusterRevision as revision } from "./kubernetes/cluster-revision";
import { clusterShape as shape } from "./kubernetes/cluster-shape";
import { localServer as server } from "./local-server/local-server";

/** The handlers behind the resources, by the names that their one-line `__provider` asks for. */
export const stream = forEngine(assetProvider(STREAM));
export const keyValue = forEngine(assetProvider(BUCKET));
export const guard = forEngine(guardProvider);
export const localServer = forEngine(server);
export const clusterShape = forEngine(shape);
export const clusterRevision = forEngine(revision);
export const clusterMembers = forEngine(members);
export const clusterCertificates = forEngine(certificates);
