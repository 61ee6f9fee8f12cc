# shellcheck shell=bash
# narration.sh: tells a story step by step, with the time that has passed, and sums it up at the end. To be sourced.

timeline=()
started=$EPOCHREALTIME

# shellcheck disable=SC2034 # used by those who source this
if [ -t 1 ]; then
  bold=$'\e[1m' grey=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
else
  bold='' grey='' green='' red='' plain=''
fi

# What is printed, with the seconds since the start in front.
say() {
  printf '%s%6.1f s%s  %s\n' "$grey" "$(elapsed)" "$plain" "$*"
}

elapsed() {
  awk -v from="$started" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.1f", to - from }'
}

# Remembers a moment for the timeline at the end.
reached() {
  timeline+=("$(elapsed) $*")
}

# Every line that a program prints, indented below the step that it belongs to.
quote() {
  local line
  while IFS= read -r line; do
    printf '          %s|%s %s\n' "$grey" "$plain" "$line"
  done
}

show_timeline() {
  echo
  printf '%sTimeline%s (seconds since the start, and since the line before)\n' "$bold" "$plain"
  printf '%s\n' "${timeline[@]}" | awk '{ at = $1; $1 = ""; printf "  %7.1f  %+6.1f %s\n", at, at - last, $0; last = at }'
}
