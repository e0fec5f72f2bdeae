import type { UserStream } from "./arbitraries";

/** A stream that passes every rule, and that servers refuse all the same. */
export interface LeftToServer {
  readonly what: string;
  readonly stream: UserStream;
  /** The servers' words, of 2.10 and of later ones; one text where all say the same. */
  readonly says: string | readonly [string, string];
}

const overlapping = [
  { source: "a.>", destination: "b.>" },
  { source: "a.b", destination: "c" },
];

/**
 * What a preview does not know of a single stream: the server's own grammar of transforms, filters
 * and prefixes, and what a stream and its origins say of each other.
 */
export const LEFT_TO_SERVER: readonly LeftToServer[] = [
  {
    what: "a mirror of itself",
    stream: { name: "x", mirror: { name: "x" } },
    says: "detected cycle",
  },
  {
    what: "a source of itself",
    stream: { name: "x", sources: [{ name: "x" }] },
    says: "detected cycle",
  },
  {
    what: "the same source twice",
    stream: { name: "x", sources: [{ name: "o" }, { name: "o", startSequence: 2 }] },
    says: "duplicate source configuration detected",
  },
  {
    what: "a mirror's filter that is no subject",
    stream: { name: "x", mirror: { name: "o", filterSubject: "a..b" } },
    says: "subject filter 'a..b' for the mirror invalid subject",
  },
  {
    what: "a source's filter that is no subject",
    stream: { name: "x", sources: [{ name: "o", filterSubject: "a..b" }] },
    says: "subject filter 'a..b' for the source: invalid subject",
  },
  {
    what: "transforms of a mirror that overlap",
    stream: { name: "x", mirror: { name: "o", subjectTransforms: overlapping } },
    says: "mirror subject filters can not overlap",
  },
  {
    what: "transforms of a source that overlap",
    stream: { name: "x", sources: [{ name: "o", subjectTransforms: overlapping }] },
    says: "source filters can not overlap",
  },
  {
    what: "an API prefix that is JetStream's own",
    stream: { name: "x", mirror: { name: "o", external: { api: "$JS.API" } } },
    says: "stream external api prefix $JS.API must not overlap with $JS.API",
  },
  {
    what: "an API prefix with wildcards",
    stream: { name: "x", mirror: { name: "o", external: { api: "a.>" } } },
    says: 'stream external api prefix "a.>" must be a valid subject without wildcards',
  },
  {
    what: "a delivery prefix with wildcards",
    stream: { name: "x", mirror: { name: "o", external: { api: "far.api", deliver: "a.*" } } },
    says: "stream external delivery prefix a.* must not contain wildcards",
  },
  {
    what: "a transform to fewer tokens than its source has wildcards for",
    stream: { name: "x", subjectTransform: { source: "a.>", destination: "b" } },
    says: [
      "stream subject transform from 'a.>' to 'b': invalid subject",
      "stream transform: invalid subject",
    ],
  },
  {
    what: "a transform of a wildcard that is not there",
    stream: { name: "x", subjectTransform: { source: "a.*", destination: "b.{{wildcard(2)}}" } },
    says: [
      "stream subject transform from 'a.*' to 'b.{{wildcard(2)}}': invalid mapping destination: wildcard index out of range in {{wildcard(2)}}: [2]",
      "stream transform: invalid mapping destination: wildcard index out of range in {{wildcard(2)}}: [2]",
    ],
  },
  {
    what: "republishing all subjects on one",
    stream: { name: "x", republish: { destination: "b" } },
    says: "stream configuration for republish with transform from '>' to 'b' not valid",
  },
];
