#!/usr/bin/env bash
# Gather everything an installation without network needs into
# dist/zhenggai-<version>-<platform>.tar.gz: the wheels of the locked runtime dependencies
# (hash-checked as they are fetched), our own wheel, the web entry, samples and install.sh.
#
#   deploy/bundle.sh [OUTPUT_FOLDER]        PYTHON=.venv/bin/python by default
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-.venv/bin/python}
out=${1:-dist}
version=$("$python" -c 'import tomllib; print(tomllib.load(open("pyproject.toml", "rb"))["project"]["version"])')
platform=$("$python" -c 'import sys, sysconfig; print(sysconfig.get_platform().replace("-", "_").replace(".", "_") + f"-cp{sys.version_info[0]}{sys.version_info[1]}")')
name="zhenggai-$version-$platform"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root="$work/$name"
mkdir -p "$root/wheels" "$root/web" "$out"

"$python" deploy/runtime_lock.py requirements.lock pyproject.toml > "$root/requirements.lock"
"$python" -m pip wheel -qq --disable-pip-version-check --no-deps --require-hashes \
  --wheel-dir "$root/wheels" -r "$root/requirements.lock"
# Built from a copy: a build leaves folders behind, and the source tree may be read-only.
mkdir "$work/source"
cp -r assistant vectorstore prompts samples pyproject.toml README.md LICENSE "$work/source/"
"$python" -m pip wheel -qq --disable-pip-version-check --no-deps --no-build-isolation \
  --wheel-dir "$root/wheels" "$work/source"

cp app.py "$root/web/"
cp -r .streamlit "$root/web/"
cp -r samples "$root/samples"
cp README.md README.zh-CN.md LICENSE deploy/install.sh deploy/zhenggai.service deploy/nginx.conf "$root/"
if [ -f docs/OPERATION.md ]; then cp docs/OPERATION.md "$root/"; fi
"$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' > "$root/PYTHON"
(cd "$root" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) > "$work/sums"
mv "$work/sums" "$root/SHA256SUMS"

# wheels are compressed already: more effort gains nothing
tar -C "$work" --owner=0 --group=0 -I "gzip -1" -cf "$out/$name.tar.gz" "$name"
(cd "$out" && sha256sum "$name.tar.gz" > "$name.tar.gz.sha256")
echo "$out/$name.tar.gz"
