#!/usr/bin/env bash
# What `make demo` shows: a verb changes rows, and a second time it refuses to. It starts afresh each time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

heading() {
  if [ -t 1 ]; then printf '\n\033[1m%s\033[0m\n' "$*"; else printf '\n%s\n' "$*"; fi
}

# Print a command as one would type it.
typed() {
  printf '$'
  for word in "$@"; do
    case $word in *' '*) printf ' "%s"' "$word" ;; *) printf ' %s' "$word" ;; esac
  done
  printf '\n'
}

show() {
  typed "$@"
  "$@"
}

heading "1. Check the verbs, run their tests, compile them to plans"
rm -rf build helpdesk.db helpdesk.db-shm helpdesk.db-wal
show actionlang check
show actionlang test
show actionlang compile -o build

heading "2. Make a database and bring the company's data in"
show actionlang tables create
show python load.py build sqlite:///helpdesk.db

heading "3. Escalate a case"
show actionlang run Escalate --on "case CAS-0042" reason="Loading dock at a standstill"

heading "4. Escalate it again: the verb refuses, and nothing changes"
again=(actionlang run Escalate --on "case CAS-0042" reason="Still at a standstill")
typed "${again[@]}"
if python same.py helpdesk.db "${again[@]}"; then
  echo "That should have been refused." >&2
  exit 1
elif [ $? -ne 3 ]; then # 3: the run failed, as it should
  exit 1
fi

heading "Try next"
cat <<'NEXT'
  cd examples/helpdesk && export PATH="$PWD/../../.venv/bin:$PATH"
  actionlang explain Escalate                         # what it does, step by step
  actionlang run EscalateOverdue --on "team First line" --dry-run
  actionlang log                                      # every run there ever was
NEXT
