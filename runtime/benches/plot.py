#!/usr/bin/env python3
"""Makes the README's table and plot of a run of the loopback benchmark.

    cargo bench -p with-after-benches --bench loopback | runtime/benches/plot.py FOLDER

writes FOLDER/loopback.md and FOLDER/loopback.svg.
"""

import datetime
import os
import pathlib
import sys

WHAT = ["requests per second", "processor time", "p50", "p99"]
ROW, LEFT, WIDTH = 22, 150, 420


def read(lines):
    """Returns {variant: {what: (lower, median, upper, figure)}} in the order of the lines."""
    table = {}
    for line in lines:
        fields = line.rstrip("\n").split("\t")
        if len(fields) == 6 and fields[0] != "variant":
            table.setdefault(fields[0], {})[fields[1]] = tuple(map(float, fields[2:]))
    return table


def machine():
    """Returns a description of this machine and the date."""
    cpus = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in cpus if line.startswith("model name")), "?")
    date = datetime.date.today().isoformat()
    return f"{os.cpu_count()} cores of {model}, {os.uname().sysname} {os.uname().release}, {date}"


def markdown(table):
    """Returns the table."""
    lines = ["| variant | " + " | ".join(WHAT) + " |", "|---" * (len(WHAT) + 1) + "|"]
    for variant, figures in table.items():
        cells = [
            "{1:.2f} ({0:.2f} to {2:.2f})".format(*figures[what]) for what in WHAT
        ]
        lines.append(f"| {variant} | " + " | ".join(cells) + " |")
    note = f"Median ratio to `bare` of the same round (quartiles). {machine()}."
    return "\n".join([*lines, "", note, ""])


def svg(table):
    """Returns the plot of the throughputs: the median as a dot, the quartiles as a line."""
    spreads = {variant: figures[WHAT[0]] for variant, figures in table.items()}
    low = min(0.5, *(spread[0] for spread in spreads.values()))
    high = max(1.1, *(spread[2] for spread in spreads.values()))

    def x(ratio):
        return LEFT + (ratio - low) / (high - low) * WIDTH

    height = ROW * (len(spreads) + 2)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 20}" height="{height}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="{LEFT}" y="14">requests per second, as a ratio to bare axum</text>',
        f'<line x1="{x(1):.1f}" x2="{x(1):.1f}" y1="{ROW}" y2="{height - ROW}" stroke="#bbb"/>',
    ]
    for row, (variant, (least, median, most, _)) in enumerate(spreads.items()):
        y = ROW * (row + 1.7)
        ours = variant.startswith(("layer", "serve"))
        color = "#c2410c" if ours else "#475569"
        parts += [
            f'<text x="{LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{variant}</text>',
            f'<line x1="{x(least):.1f}" x2="{x(most):.1f}" y1="{y:.0f}" y2="{y:.0f}" '
            f'stroke="{color}" stroke-width="2"/>',
            f'<circle cx="{x(median):.1f}" cy="{y:.0f}" r="4" fill="{color}"/>',
        ]
    for tick in (low, 1.0, high):
        parts.append(
            f'<text x="{x(tick):.1f}" y="{height - 6}" text-anchor="middle">{tick:.2f}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def main():
    """Reads the benchmark's output and writes both files."""
    folder = pathlib.Path(sys.argv[1])
    table = read(sys.stdin)
    if not table:
        sys.exit("no figures on standard input")
    (folder / "loopback.md").write_text(markdown(table))
    (folder / "loopback.svg").write_text(svg(table))


if __name__ == "__main__":
    main()
