#!/usr/bin/env bash
# Previews stacks and writes one comment about all of them to a file:
#   .github/preview.sh <file> <marker> <title> <stack>...
# Ends with 1 where a stack has no preview or an update of it is refused, and with 3 where nothing
# is refused and something differs: code, live clusters or state. The comment is there in any case.
set -uo pipefail
comment=$1 marker=$2 title=$3
shift 3

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
words=()
refused=0
for stack in "$@"; do
  # Without the state of the last update, drift cannot be told from edits. A new stack has none.
  if pulumi stack export --stack "$stack" >"$folder/$stack-state.json" 2>"$folder/$stack.log"; then
    words+=(--state "$stack=$folder/$stack-state.json")
  fi
  if ! pulumi preview --stack "$stack" --json --non-interactive \
    >"$folder/$stack.json" 2>"$folder/$stack.log"; then
    refused=1
    cat "$folder/$stack.log" >&2
  fi
  words+=("$stack=$folder/$stack.json" --log "$stack=$folder/$stack.log")
done

npx tfdc-nats preview-comment "${words[@]}" --marker "$marker" --title "$title" --exit-code >"$comment"
differs=$?
if [ "$differs" -gt 1 ]; then
  exit "$differs"
fi
if [ "$refused" -eq 1 ]; then
  exit 1
fi
[ "$differs" -eq 0 ] || exit 3
