# shellcheck shell=bash
# tally.sh: counts what passed, failed and was skipped, and tells it in the end. To be sourced, after lib.sh.

passed=0
failed=0
skipped=0
skips=()
failures=()
unsteady=()
# How many tests of a project may fail and be run once more, alone: VBoxManage hangs by itself now and then, and its service too.
second_try=0
reported=no

# Counts one check that is a program's exit code.
check() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    failures+=("$name")
    printf '%s\n' "FAILED $name" "$output"
  fi
}

# Counts one check that may say, by the exit code 77, that it could not be done here, and why in its last line.
check_or_skip() {
  local name=$1 output code=0
  shift
  output=$("$@" 2>&1) || code=$?
  case $code in
    0) passed=$((passed + 1)) ;;
    77)
      skipped=$((skipped + 1))
      skips+=("$name: $(tail -n 1 <<<"$output")")
      ;;
    *)
      failed=$((failed + 1))
      failures+=("$name")
      printf '%s\n' "$output"
      ;;
  esac
}

# The runner's own numbers. A runner that died before it wrote them all is a failure too, and so is one that says it failed.
count() {
  local name=$1 report=$2 code=$3 here
  if ! grep -q '</assemblies>' "$report" 2>/dev/null; then
    failed=$((failed + 1))
    failures+=("$name ended without a report")
    return
  fi
  passed=$((passed + $(sum passed "$report")))
  skipped=$((skipped + $(sum skipped "$report")))
  here=$(($(sum failed "$report") + $(sum errors "$report")))
  if [ "$here" -gt 0 ] && [ "$here" -le "$second_try" ] && passes_alone "$name" "$report"; then
    passed=$((passed + here))
    here=0 code=0
  fi
  if [ "$here" = 0 ] && [ "$code" != 0 ]; then
    failed=$((failed + 1))
    failures+=("$name ended with exit code $code")
  fi
  failed=$((failed + here))
  [ "$here" = 0 ] || failures+=("$name: $here (above)")
  while IFS= read -r reason; do
    skips+=("$name: $reason")
  done < <(reasons "$report")
}

# Runs the tests that failed once more. It is never silent about them.
passes_alone() {
  local name=$1 failing words=() test
  failing=$(grep -oE '<test [^>]*result="Fail"[^>]*>' "$2" | sed -E 's/.* type="([^"]*)".* method="([^"]*)".*/\1.\2/' | sort -u)
  [ -n "$failing" ] || return 1
  for test in $failing; do
    words+=(-method "$test")
  done
  step "$name: once more, alone: ${failing//$'\n'/, }"
  "artifacts/bin/$name/debug/$name" -noLogo -noColor -xml "$2.again" "${words[@]}" || return 1
  [ "$(sum passed "$2.again")" -gt 0 ] || return 1
  for test in $failing; do
    unsteady+=("$test failed (above), and passed when it was run once more, alone")
  done
}

sum() {
  grep -oE '<assembly [^>]*>' "$2" | grep -oE " $1=\"[0-9]+\"" | grep -oE '[0-9]+' | awk '{ total += $1 } END { print total + 0 }'
}

# How often, and why.
reasons() {
  tr '\n' ' ' <"$1" | grep -oE '<reason><!\[CDATA\[[^]]*' | sed 's/<reason><!\[CDATA\[//' | sort | uniq -c | sed 's/^ *//' || true
}

# Whatever ends this script, the last line tells how it stands.
finish() {
  if [ "$reported" = no ]; then
    failed=$((failed + 1))
    failures+=("the run itself broke off")
    report || true
  fi
}

report() {
  reported=yes
  if [ $((passed + failed)) = 0 ]; then
    failed=1
    failures+=("nothing was tested")
  fi
  echo
  [ ${#failures[@]} = 0 ] || printf 'Failed:  %s\n' "${failures[@]}"
  [ ${#unsteady[@]} = 0 ] || printf 'Unsteady: %s\n' "${unsteady[@]}"
  [ ${#skips[@]} = 0 ] || printf 'Skipped: %s\n' "${skips[@]}"
  echo "Total: $passed passed, $failed failed, $skipped skipped"
  [ "$failed" = 0 ]
}
