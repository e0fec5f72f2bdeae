/** Whether a text is a subject: tokens without white space, `>` only as the last one. */
export function isSubject(subject: string): boolean {
  if (subject === "" || /\s/.test(subject)) {
    return false;
  }
  const tokens = subject.split(".");
  return tokens.every(
    (token, index) => token !== "" && (token !== ">" || index === tokens.length - 1),
  );
}

/** Whether there is a message that both subjects (with their wildcards) match. */
export function collide(left: string, right: string): boolean {
  const [a, b] = [left.split("."), right.split(".")];
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [one, other] = [a[index], b[index]];
    if (one === ">" || other === ">") {
      return one !== undefined && other !== undefined;
    }
    if (one === undefined || other === undefined) {
      return false;
    }
    if (one !== other && one !== "*" && other !== "*") {
      return false;
    }
  }
  return true;
}

/** Whether everything that `subject` matches is matched by `pattern` too. */
export function isSubset(subject: string, pattern: string): boolean {
  const [tokens, wanted] = [subject.split("."), pattern.split(".")];
  for (const [index, want] of wanted.entries()) {
    const token = tokens[index];
    if (token === undefined) {
      return false;
    }
    if (want === ">") {
      return true;
    }
    if (token === ">" || (want !== "*" && want !== token)) {
      return false;
    }
  }
  return tokens.length === wanted.length;
}

/** The pairs of subjects of one list that overlap, each pair once. */
export function overlaps(subjects: readonly string[]): (readonly [string, string])[] {
  return subjects.flatMap((one, index) =>
    subjects
      .slice(index + 1)
      .filter((other) => collide(one, other))
      .map((other) => [one, other] as const),
  );
}
