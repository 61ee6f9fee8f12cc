#!/bin/sh
# Starts the listener as the official run.sh does: restarts it where its exit code asks for that, and says 0 for nearly all else.
# "run.sh ended" therefore means "this runner is done", not "the job succeeded".
set -u
root=$(cd "$(dirname "$0")" && pwd)

if [ "$(id -u)" -eq 0 ] && [ -z "${RUNNER_ALLOW_RUNASROOT:-}" ]; then
    echo "Must not run with sudo"
    exit 0
fi

while :; do
    "$root/bin/Runner.Listener" run "$@"
    code=$?
    case $code in
        2 | 3 | 4)
            echo "Runner listener exited with code $code, restarting it."
            sleep 5
            ;;
        *)
            echo "Runner listener exited with code $code, no restart."
            exit 0
            ;;
    esac
done
