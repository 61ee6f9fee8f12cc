#!/bin/sh
# The native stand-in needs OpenSSL and zlib, which the official listener's script of this name installs among others.
set -eu
if command -v apt-get >/dev/null; then
    apt-get install -y --no-install-recommends libssl3 zlib1g
elif command -v dnf >/dev/null; then
    dnf install -y openssl-libs zlib
else
    echo "Install OpenSSL's libssl and zlib with this system's package manager." >&2
    exit 1
fi
