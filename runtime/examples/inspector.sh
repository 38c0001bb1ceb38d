#!/usr/bin/env bash
# Takes the picture of the inspector in the README: starts the quickstart, asks it, and has Chromium
# look. Needs cargo, curl and chromium; a first argument names another file.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
picture=${1:-runtime/examples/inspector.png}

cargo build --quiet --example quickstart
log=$(mktemp)
profile=$(mktemp -d)
PORT=0 cargo run --quiet --example quickstart > "$log" &
shop=$!
trap 'kill "$shop" 2> /dev/null || true; rm -rf "$log" "$profile"' EXIT
until grep -q '^inspector: ' "$log"; do sleep 0.1; done
page=$(sed -n 's|^inspector: ||p' "$log")
address=${page%/_after/}

ask() { curl --silent --output /dev/null "$@"; }
ask --cookie theme=dark "$address/"
ask "$address/export"
ask --json '["tea", "cup"]' "$address/orders"
sleep 1.2
ask "$address/stock"
ask --json '["pot"]' "$address/orders"

chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$profile" \
    --window-size=1000,600 --timeout=600 --screenshot="$picture" "$page" 2> /dev/null
ls -l "$picture"
