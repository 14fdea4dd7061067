#!/bin/sh
# Run everything: sh tests/run.sh [PYTEST-OPTION ...]
#
# Makes an environment in .venv-test, installs what the tests need into it (and, as root on Debian, the shells they drive), then
# checks style, types and shell code and runs the tests. What cannot be installed is named; its tests are skipped by name, or fail in CI.
set -eu

cd "$(dirname "$0")/.."

# ---- shells and other programs

needed='zsh fish direnv shellcheck strace git mandoc'
missing=''
for program in $needed; do
  command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
done
if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing:$missing"
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    apt-get update -qq
    # shellcheck disable=SC2086  # a list of names
    apt-get install -y -qq --no-install-recommends $missing >/dev/null
  else
    echo "left out, for want of root and apt:$missing"
  fi
fi

# Prompt themes that some tests look at; where there are none those are skipped.
themes=''
[ -e /usr/share/liquidprompt/liquidprompt ] || themes="$themes liquidprompt"
[ -e /usr/share/powerlevel9k/powerlevel9k.zsh-theme ] || themes="$themes zsh-theme-powerlevel9k"
if [ -n "$themes" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  for theme in $themes; do
    apt-get install -y -qq --no-install-recommends "$theme" >/dev/null 2>&1 || echo "left out: $theme"
  done
fi

# ---- Python

find_python() {
  for name in "${PYTHON-}" python3 python3.14 python3.13 python3.12 python3.11 python3.10; do
    [ -n "$name" ] || continue
    if command -v "$name" >/dev/null 2>&1 && "$name" -I -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
      "$name" -I -c 'import sys; print(sys.executable)'
      return
    fi
  done
  return 1
}

venv=.venv-test
if ! [ -x $venv/bin/python ]; then
  python=$(find_python) || {
    echo 'no Python 3.10 or later with ensurepip was found (on Debian: apt-get install python3-venv)' >&2
    exit 1
  }
  "$python" -m venv $venv
fi
$venv/bin/python -m pip install --quiet --disable-pip-version-check -e '.[uv]' hatchling mypy pyte pytest pytest-xdist ruff \
  tree-sitter tree-sitter-powershell tree-sitter-pwsh types-psutil

# ---- style, types, shell code

$venv/bin/ruff check .
$venv/bin/ruff format --check .
$venv/bin/mypy
if command -v shellcheck >/dev/null 2>&1; then
  shellcheck shell/*.bash completions/envd.bash
  shellcheck -s sh shell/install.sh tests/run.sh
  shellcheck .ci/run
fi
for file in shell/*.bash; do bash -n "$file"; done
if command -v zsh >/dev/null 2>&1; then for file in shell/*.zsh; do zsh -n "$file"; done; fi
if command -v fish >/dev/null 2>&1; then for file in shell/*.fish; do fish -n "$file"; done; fi

# ---- tests

# Most tests wait for shells and processes more than they compute.
exec $venv/bin/python -m pytest -n "$(($(getconf _NPROCESSORS_ONLN) + 1))" --dist worksteal "$@"
