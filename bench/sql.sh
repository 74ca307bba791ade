#!/usr/bin/env bash
# Builds the SQL benchmarks for release, with DataFusion alone as a program beside them, installs DuckDB of the version
# of the tests, and measures TPC-H and a scan of CloudTrail's logs. The first argument is the scale of TPC-H, 1 unless
# given; the second the megabytes of logs, 1024 unless given.
set -euo pipefail
cd "$(dirname "$0")/.."
target="$PWD/${CARGO_TARGET_DIR:-target}"
duckdb="$target/duckdb"
pin="$(grep '^duckdb==' tests/requirements.txt)"
if [ "$(cat "$duckdb/version" 2>/dev/null)" != "$pin" ]; then
  rm -rf "$duckdb"
  python3 -m venv "$duckdb"
  "$duckdb/bin/pip" install --quiet --disable-pip-version-check "$pin"
  echo "$pin" >"$duckdb/version"
fi
cargo build --release --package welkin-bench
CARGO_TARGET_DIR="$target/bare" cargo build --release --manifest-path bench/bare/Cargo.toml
peers=(--folder "$target/sql" --datafusion "$target/bare/release/bare-datafusion" --duckdb "$duckdb/bin/python")
"$target/release/welkin-bench" tpch --scale "${1:-1}" "${peers[@]}"
exec "$target/release/welkin-bench" logs --megabytes "${2:-1024}" "${peers[@]}"
