#!/usr/bin/env bash
# Builds Welkin for release, installs moto's server of a fixed version beside it, and measures everything.
# Arguments are passed on, e.g. bench/run.sh --rounds 3 --only SQS.
set -euo pipefail
cd "$(dirname "$0")/.."
target="${CARGO_TARGET_DIR:-target}"
moto="$target/moto"
version=5.2.5
if [ "$(cat "$moto/version" 2>/dev/null)" != "$version" ]; then
  rm -rf "$moto"
  python3 -m venv "$moto"
  "$moto/bin/pip" install --quiet --disable-pip-version-check "moto[server]==$version"
  echo "$version" >"$moto/version"
fi
cargo build --release --package welkin --package welkin-bench
exec "$target/release/welkin-bench" all --moto "$moto/bin/moto_server" "$@"
