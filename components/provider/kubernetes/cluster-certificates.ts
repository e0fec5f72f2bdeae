import type { KubernetesApiArgs } from "../../connection-args";
import { canonicalText } from "../../jetstream/stream-settings";
import {
  type NoCertificate,
  rotations,
  type SecretCertificate,
  type SecretCertificates,
  secretCertificate,
} from "../../kubernetes/certificates";
import type { DynamicProvider, Properties } from "../dynamic-provider";
import { keepStackConfig } from "../stack-config";
import { kubeWords, loadKube } from "./kube-client";

interface Watched extends KubernetesApiArgs {
  readonly namespace: string;
  readonly secrets: readonly string[];
  readonly certificates?: SecretCertificates;
}

/**
 * The certificates that the servers of a colour have been told of, as a resource. Somebody else
 * makes and renews them: a preview looks what the Secrets hold now, and an update notes it. What the
 * state holds is what was noted, so a refresh leaves it alone.
 */
export const clusterCertificates: DynamicProvider = {
  configure: async (request) => keepStackConfig(request),
  check: async (olds, news) => {
    const before = watched(olds).certificates ?? {};
    const certificates = await certificatesOf(watched(news), before);
    return {
      inputs: { ...news, certificates, rotated: rotations(before, certificates) },
      failures: [],
    };
  },
  diff: async (_id, olds, news) =>
    canonicalText(declared(olds)) === canonicalText(declared(news)) ? { changes: false } : {},
  create: async (inputs) => ({ id: "certificates", outs: { ...inputs, rotated: [] } }),
  read: async (id, props) => ({ id, props, inputs: { ...props } }),
  update: async (_id, _olds, news) => ({ outs: { ...news, rotated: [] } }),
  delete: async () => undefined,
};

function declared({ __provider: _text, rotated: _why, ...rest }: Properties): Properties {
  return rest;
}

function watched(props: Properties): Watched {
  return props as unknown as Watched;
}

async function certificatesOf(
  { namespace, secrets, ...access }: Watched,
  before: SecretCertificates,
): Promise<SecretCertificates> {
  const kube = await loadKube(access);
  const read = async (name: string): Promise<SecretCertificate | NoCertificate> => {
    try {
      const { data } = await kube.core.readNamespacedSecret({ name, namespace });
      return secretCertificate(data);
    } catch (error) {
      // An API server that is away knows of no other certificate than before.
      const isAnswer = typeof (error as { readonly code?: unknown }).code === "number";
      return isAnswer || before[name] === undefined
        ? { problem: kubeWords(kube, error) }
        : before[name];
    }
  };
  const found = await Promise.all(secrets.map(async (name) => [name, await read(name)] as const));
  return Object.fromEntries(found);
}
