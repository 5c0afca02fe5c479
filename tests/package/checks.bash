# For the scripts beside this one: the build folder $1, a temporary folder that is gone with the script, and how to check.
set -euo pipefail

build=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# expect_line FILE PATTERN: a line of the file matches the extended regular expression.
expect_line() {
  grep -Eq -- "$2" "$1" || { cat "$1" >&2; fail "no line matches: $2"; }
}

# Installs the build below the folder prefix.
install_build() {
  cmake --install "$build" --prefix "$folder/prefix" >installation 2>&1 || { cat installation >&2; fail "cmake --install"; }
}
