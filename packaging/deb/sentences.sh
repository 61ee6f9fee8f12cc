# shellcheck shell=bash
# sentences.sh: what is true of a package is said in sentences, each with the command that shows it. To be sourced, after container.sh.

passed=0
failed=0
work=''

cannot() {
  echo "$0: $1" >&2
  exit 77
}

finish() {
  local code=$?
  trap - EXIT
  stop_container
  rm -rf --one-file-system "$work"
  exit "$code"
}

# that "SENTENCE" COMMAND...: it is true if the command succeeds.
that() {
  local sentence=$1 output
  shift
  if output=$("$@" 2>&1); then
    passed=$((passed + 1))
    echo "ok      $sentence"
  else
    failed=$((failed + 1))
    printf '%s\n' "FAILED  $sentence" "$output"
  fi
}

# says TEXT COMMAND...: the command's output has the text, however it ends.
says() {
  local text=$1 output
  shift
  output=$("$@" 2>&1) || true
  grep -qF -- "$text" <<<"$output" || { printf 'It was to say "%s", and said:\n%s\n' "$text" "$output" && return 1; }
}

is() {
  local wanted=$1 output
  shift
  output=$("$@" 2>&1) || true
  [ "$output" = "$wanted" ] || { printf 'It was to be "%s", and is:\n%s\n' "$wanted" "$output" && return 1; }
}

fails() {
  ! "$@" || { echo "It did not fail." && return 1; }
}
