"""What is inside the programs: a CycloneDX list of the parts, and the licence texts that have to go with them."""

import argparse
import hashlib
import json
import os
import re
import subprocess
import tomllib
from datetime import datetime, timezone
from pathlib import Path

LICENCE_FILES = re.compile(r"^(licen[sc]e|copying|notice|copyright)", re.IGNORECASE)


def main():
    options = arguments()
    listed = linked(options.crates, options.target)
    known = json.loads(run("cargo", "metadata", "--locked", "--format-version", "1", "--all-features"))["packages"]
    packages = [package for package in known if package["source"] and (package["name"], package["version"]) in listed]
    openssl = vendored_openssl(known)
    Path(options.sbom).write_text(json.dumps(sbom(options, packages, openssl), indent=2) + "\n")
    Path(options.notices).write_text(notices(packages, openssl))
    print(f"{len(packages)} crates and OpenSSL {openssl['version']}")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("target", "version", "sbom", "notices"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("crates", nargs="+")
    return parser.parse_args()


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def linked(crates, target):
    """Names and versions of what is linked in: no macros, no build scripts, no tests."""
    chosen = [argument for crate in crates for argument in ("-p", crate)]
    tree = run(
        "cargo", "tree", "--locked", *chosen, "--features", "vendored", "--target", target,
        "-e", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}",
    )  # fmt: skip
    words = (line.split() for line in tree.splitlines() if line)
    return {(name, version.removeprefix("v")) for name, version, *_ in words}


def vendored_openssl(packages):
    """The crate that carries OpenSSL's source, as the part that OpenSSL is."""
    source = next(package for package in packages if package["name"] == "openssl-src")
    return {**source, "version": source["version"].partition("+")[2]}


def sbom(options, packages, openssl):
    checksums = locked_checksums()
    components = [component(package, checksums) for package in packages]
    components += [part("generic", "openssl", openssl["version"], "Apache-2.0")]
    components += [part("generic", "rust", run("rustc", "--version").split()[1], "MIT OR Apache-2.0")]
    made = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), timezone.utc)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": made.isoformat().replace("+00:00", "Z"),
            "component": {
                "type": "application",
                "bom-ref": "myinfo-testbed",
                "name": "myinfo-testbed",
                "version": options.version,
                "licenses": [{"license": {"id": "MIT"}}],
            },
        },
        "components": sorted(components, key=lambda part: part["bom-ref"]),
    }


def component(package, checksums):
    # a slash is an older way to write OR
    licence = package["license"] and package["license"].replace("/", " OR ")
    component = part("cargo", package["name"], package["version"], licence)
    if checksum := checksums.get((package["name"], package["version"])):
        component["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    return component


def part(kind, name, version, licence):
    purl = f"pkg:{kind}/{name}@{version}"
    licences = {"licenses": [{"expression": licence}]} if licence else {}
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl, **licences}


def locked_checksums():
    lock = tomllib.loads(Path("Cargo.lock").read_text())
    return {(entry["name"], entry["version"]): entry.get("checksum") for entry in lock["package"]}


def notices(packages, openssl):
    """Every licence text once, below the parts that it is for."""
    texts, without = {}, []
    parts = [(f"{p['name']} {p['version']}", Path(p["manifest_path"]).parent) for p in packages]
    parts.append((f"OpenSSL {openssl['version']}", Path(openssl["manifest_path"]).parent / "openssl"))
    for part, folder in sorted(parts):
        found = [file for file in sorted(folder.iterdir()) if file.is_file() and LICENCE_FILES.match(file.name)]
        if not found:
            without.append(part)
        for file in found:
            text = file.read_text(errors="replace").strip()
            entry = texts.setdefault(hashlib.sha256(text.encode()).digest(), (text, []))
            entry[1].append(part)
    sections = [f"{', '.join(parts)}\n\n{text}" for text, parts in texts.values()]
    if without:
        sections.append("No licence text in their package; the list of parts names their licences:\n\n" + ", ".join(without))
    line = "\n\n" + "-" * 80 + "\n\n"
    return line.join(["Software of others in these programs, and its licences.", *sections]) + "\n"


main()
