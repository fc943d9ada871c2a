# shellcheck shell=bash disable=SC2034
# What the scripts of this folder share: names, the folder for what is made on the way, and how things are said.

name=myinfo-testbed
target=x86_64-unknown-linux-gnu
# the oldest that Rust's own standard library runs on
glibc=2.17
programs=(myinfo-mock myinfo-conformance myinfo-connector)
crates_of_programs=(myinfo-mock-server myinfo-conformance myinfo-connector)
version="$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)"
image="localhost/$name:$version"

# every file carries the time of the commit, so that the same commit makes the same files
SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}"
export SOURCE_DATE_EPOCH LC_ALL=C

work="$PWD/target/packaging"
mkdir -p "$work"

step() { printf '\n== %s (%s s)\n' "$*" "$SECONDS"; }

skipped() { printf '\n!! SKIPPED %s\n' "$*" >&2; }

failed() {
  printf '\n!! FAILED %s\n' "$*" >&2
  exit 1
}

# the Python packages of a file with checksums, in a folder of their own, which comes first on the PATH
tools() {
  [ -x "$work/$1/bin/python" ] || python3 -m venv "$work/$1"
  "$work/$1/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$2"
  PATH="$work/$1/bin:$PATH"
}

reproducible_tar() {
  tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --format=gnu -c "$@"
}
