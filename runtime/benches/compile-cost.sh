#!/usr/bin/env bash
# Measures what with-after adds to the compilation of a service from empty: processor time, and crates.
#
# Builds small crates with the versions of this workspace, side by side in each round, and tells the
# median of each, and its median ratio to axum alone in the same round. `compile-cost.sh 5` makes five
# rounds instead of three. Needs python3.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
rounds=${1:-3}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

axum='axum = "0.8"
tokio = { version = "1", features = ["full"] }'

main() {
    make_crate axum "$axum"
    make_crate with-after "$axum
with-after = { path = \"$root/runtime\", features = [\"axum\"] }"
    make_crate with-after-http2 "$axum
with-after = { path = \"$root/runtime\", features = [\"http2\"] }"
    make_crate default-features "with-after = { path = \"$root/runtime\" }"
    for ((round = 1; round <= rounds; round++)); do
        for crate in axum with-after with-after-http2 default-features; do
            echo "$crate $(crates "$crate") $(cpu_seconds "$crate")"
        done
    done | summary
}

make_crate() {
    mkdir -p "$folder/$1/src"
    echo 'fn main() {}' > "$folder/$1/src/main.rs"
    printf '[package]\nname = "user"\nedition = "2024"\n\n[workspace]\n\n[dependencies]\n%s\n' "$2" \
        > "$folder/$1/Cargo.toml"
    cp "$root/Cargo.lock" "$folder/$1"
}

# Without the crate itself.
crates() {
    (cd "$folder/$1" && cargo tree --quiet --edges normal --prefix none | sed 's/ (.*//' | sort -u | wc -l) \
        | awk '{ print $1 - 1 }'
}

# Without incremental compilation: a crate of the registry is never compiled so, one of a path is, and
# a first build pays for it.
cpu_seconds() {
    rm -rf "$folder/target"
    local TIMEFORMAT='%U %S'
    { time CARGO_INCREMENTAL=0 CARGO_TARGET_DIR="$folder/target" cargo build --quiet --manifest-path "$folder/$1/Cargo.toml" >&2; } 2>&1 \
        | tail -1 | awk '{ print $1 + $2 }'
}

summary() {
    python3 -c '
import statistics, sys

rounds = {}
for crate, crates, seconds in map(str.split, sys.stdin):
    rounds.setdefault(crate, (int(crates), []))[1].append(float(seconds))
base = rounds["axum"][1]
print("| crate | crates | processor time | to axum alone |\n|---|---:|---:|---:|")
for crate, (crates, seconds) in rounds.items():
    ratio = statistics.median(own / other for own, other in zip(seconds, base))
    print(f"| {crate} | {crates} | {statistics.median(seconds):.1f} s | {ratio:.2f} |")
'
}

main
