#!/usr/bin/env bash
# What the attribute costs: the processor time of `cargo check` of a crate with 1,000 handlers,
# bare, under an attribute that gives back what it is given, under `#[tracing::instrument]` and
# under `#[with_after]`. What is added is about the same for each function: a seventh of it is the
# expansion, the rest is rustc's work on one more coroutine and `.await`. Usage: macros/compile-cost.sh [handlers]
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
handlers=${1:-1000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/src" "$work/identity/src"

cat > "$work/Cargo.toml" <<TOML
[package]
name = "compile-cost"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
identity = { path = "identity" }
tracing = { version = "0.1.41", features = ["attributes"] }
with-after = { path = "$root/runtime" }
TOML
cat > "$work/identity/Cargo.toml" <<'TOML'
[package]
name = "identity"
version = "0.0.0"
edition = "2024"

[lib]
proc-macro = true
TOML
cat > "$work/identity/src/lib.rs" <<'RUST'
use proc_macro::TokenStream;

#[proc_macro_attribute]
pub fn identity(_: TokenStream, item: TokenStream) -> TokenStream {
    item
}
RUST
cp "$root/Cargo.lock" "$root/rust-toolchain.toml" "$work"

# write ATTRIBUTE: a crate whose handlers look like those of a shop.
write() {
    {
        echo '#![allow(dead_code)]'
        echo 'use with_after::{after, cookies, headers};'
        echo 'async fn load(id: u64) -> Result<String, std::num::ParseIntError> { id.to_string().parse::<u64>().map(|n| n.to_string()) }'
        echo 'async fn audit(line: String) { drop(line) }'
        i=0
        while [ "$i" -lt "$handlers" ]; do
            cat <<RUST
$1
async fn handler_$i(id: u64, name: String) -> Result<String, std::num::ParseIntError> {
    let agent = headers().await.get("user-agent").cloned();
    let session = cookies().await.get("session").map(|cookie| cookie.value().to_owned());
    let row = load(id + $i).await?;
    let line = format!("{name} read {row} with {agent:?} in {session:?}");
    after(async move { audit(line).await });
    if row.is_empty() {
        return Ok(name);
    }
    Ok(row)
}
RUST
            i=$((i + 1))
        done
    } > "$work/src/lib.rs"
}

# seconds: of processor time in one `cargo check` of the crate alone.
seconds() {
    touch "$work/src/lib.rs"
    local TIMEFORMAT='%U %S'
    { time cargo check --quiet --manifest-path "$work/Cargo.toml" 2> "$work/log"; } 2>&1 | awk '{ printf "%.2f\n", $1 + $2 }'
}

# row NAME ATTRIBUTE: the best of three, since other programs run too, and beside the identity's.
row() {
    write "$2"
    best=$({ seconds; seconds; seconds; } | sort -n | sed -n 1p)
    [ "$1" != identity ] || identity=$best
    awk -v name="$1" -v best="$best" -v identity="${identity:-$best}" \
        'BEGIN { printf "%-28s %8.2f s %+6.1f %%\n", name, best, 100 * (best / identity - 1) }'
}

# From scratch each time: of what has not changed nothing is checked again.
export CARGO_TARGET_DIR="$work/target" CARGO_INCREMENTAL=0
write ''
cargo check --quiet --manifest-path "$work/Cargo.toml" # the dependencies

echo "cargo check of $handlers handlers:"
row 'identity' '#[identity::identity]'
row 'bare' ''
row '#[tracing::instrument]' '#[tracing::instrument]'
row '#[with_after]' '#[with_after::with_after]'
row '#[with_after(component)]' '#[with_after::with_after(component)]'
