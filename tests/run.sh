#!/usr/bin/env bash
# Installs what is missing, builds everything, runs every test. The first argument is a CMake preset: release (unless given),
# dev, asan or tsan. Further arguments go to ctest, such as -R kh03.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
[ $# -gt 0 ] && shift

deploy/install-packages.sh
# The checker of the protos is no Debian package; where there is no npm, or no registry, its test skips itself and says so.
if [ ! -x build/buf/node_modules/.bin/buf ] && command -v npm >/dev/null; then
  npm install --silent --no-save --prefix build/buf @bufbuild/buf@1.75.0 >/dev/null 2>&1 || echo "buf could not be installed"
fi
cmake --preset "$preset"
cmake --build --preset "$preset"
ctest --preset "$preset" --parallel 2 "$@"
