"""Copies axum's examples, and has a component schedule each of their handlers as a task.

    axum_examples.py AXUM WORK WITH_AFTER
"""
import re
import shutil
import sys
from pathlib import Path

axum, work, with_after = (Path(path).resolve() for path in sys.argv[1:])
for crate in axum.glob("axum*"):
    shutil.copytree(crate, work / crate.name)
shutil.copytree(axum / "examples", work / "examples")
shutil.copy(axum / "Cargo.toml", work)

for manifest in (work / "examples").glob("*/Cargo.toml"):
    text = manifest.read_text()
    dependency = f'[dependencies]\nwith-after = {{ path = "{with_after}" }}\n'
    manifest.write_text(text.replace("[dependencies]\n", dependency, 1))

for source in (work / "examples").rglob("*.rs"):
    text = source.read_text()
    checks = ""
    # Functions at the top level whose types are all known.
    for name, parameters in re.findall(r"^(?:pub )?async fn (\w+)\(([^{;]*?)\)(?: ->[^{]*)?\s*\{", text, re.M):
        if name == "main" or "impl " in parameters:
            continue
        parameters = re.sub("//.*", "", parameters)
        depth, count = 0, 0
        for char in parameters.strip().rstrip(","):
            depth += (char in "(<[") - (char in ")>]")
            count += char == "," and depth == 0
        count += bool(parameters.strip())
        arguments = ", ".join(["with_after_any()"] * count)
        checks += (
            "#[allow(dead_code)]\n#[::with_after::with_after(component)]\n"
            f"async fn with_after_checks_{name}() {{\n"
            f"    ::with_after::after(async {{ let _ = {name}({arguments}).await; }});\n}}\n"
        )
    if checks:
        checks += "#[allow(dead_code)]\nfn with_after_any<T>() -> T { unreachable!() }\n"
        source.write_text(text + "\n" + checks)
