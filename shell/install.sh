#!/bin/sh
# Install envd for this user and show it at work: sh shell/install.sh [--yes] [SHELL ...]
#
# A private environment in envd's data directory, a link in ~/.local/bin, one block in the rc file of each shell (shown first, and
# asked about once), the daemon, and a scratch project to see it in. Run it again to upgrade; `envd setup --remove` takes it all back.
set -eu

say() { printf '%s\n' "$*"; }
fail() {
  printf 'install.sh: %s\n' "$1" >&2
  [ $# -lt 2 ] || printf '  hint: %s\n' "$2" >&2
  exit 1
}

source=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
[ -f "$source/pyproject.toml" ] || fail "$source holds no pyproject.toml" 'run it from a checkout of envd: sh shell/install.sh'
[ -d "${HOME-}" ] || fail "HOME is '${HOME-}', which is not a directory"

# ---- a Python of 3.10 or later that can make environments

is_new_enough() { "$1" -I -c 'import sys, venv; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; }

find_python() {
  for name in "${PYTHON-}" python3 python3.14 python3.13 python3.12 python3.11 python3.10 python; do
    [ -n "$name" ] || continue
    if program=$(command -v "$name" 2>/dev/null) && is_new_enough "$program"; then
      # The interpreter itself: a version manager's shim may lead elsewhere tomorrow.
      "$program" -I -c 'import sys; print(getattr(sys, "_base_executable", sys.executable))'
      return
    fi
  done
  return 1
}

python=$(find_python) || fail 'no Python 3.10 or later was found' 'install one, or name it: PYTHON=/path/to/python3 sh shell/install.sh'

# ---- envd in an environment of its own

case $(uname -s) in
  Darwin) data="$HOME/Library/Application Support/envd" ;;
  *)
    case ${XDG_DATA_HOME-} in
      /*) data=$XDG_DATA_HOME/envd ;;
      *) data=$HOME/.local/share/envd ;;
    esac
    ;;
esac

make_environment() {
  # Debian keeps ensurepip in a package of its own (python3-venv): without it pip is brought in by another pip.
  if "$python" -I -c 'import ensurepip' >/dev/null 2>&1; then
    "$python" -I -m venv --clear "$data/venv"
  elif "$python" -I -m pip --version >/dev/null 2>&1; then
    "$python" -I -m venv --clear --without-pip "$data/venv"
    "$python" -I -m pip --quiet --disable-pip-version-check --python "$data/venv/bin/python" install pip
  else
    fail "$python can make no environment with pip" 'on Debian and Ubuntu: apt-get install python3-venv'
  fi
}

pip_install() {
  "$data/venv/bin/python" -I -m pip --quiet --disable-pip-version-check install --upgrade "$@"
}

say "installing envd into $data/venv ($("$python" -V))"
(umask 077 && mkdir -p "$data")
# One that was interrupted half-way has no pip, and would be in the way for ever.
if ! is_new_enough "$data/venv/bin/python" || ! "$data/venv/bin/python" -I -m pip --version >/dev/null 2>&1; then
  make_environment
fi
# The same version may hold other code: always replace it, leave its dependencies alone where they will do.
pip_install "$source" || fail 'pip could not install envd' 'what it said is above; with the network back, run this again'
pip_install --force-reinstall --no-deps "$source"
pip_install "${source}[uv]" || say 'uv could not be installed: envd syncs with pip, which is slower'
envd=$data/venv/bin/envd

# ---- the shells and the daemon

"$envd" setup "$@"
"$envd" daemon restart

# ---- a look at it at work

if scratch=$(mktemp -d "$HOME/envd-scratch.XXXXXX"); then
  # Removed first: the daemon, which may be looking at it, publishes nothing about a directory that is gone.
  trap 'cd "$HOME" && rm -rf "$scratch" && "$envd" forget "$scratch/hello" >/dev/null 2>&1' EXIT
  # dash ends by a signal without what EXIT asks for.
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap 'exit 129' HUP
  mkdir "$scratch/hello"
  cd "$scratch/hello"
  say ''
  say 'envd at work, in a project that is removed again:'
  say ''
  printf 'iniconfig\n' >requirements.txt
  run() { say "\$ $*"; "$@"; }
  say '$ echo iniconfig > requirements.txt'
  say '$ envd init'
  "$envd" init || say 'envd itself is installed; only the package of this demonstration is not'
  hook=$scratch/hook
  if command -v bash >/dev/null 2>&1; then
    "$envd" hook bash >"$hook"
    # shellcheck disable=SC2016  # for the inner bash to expand
    bash --norc --noprofile -c '. "$1"; cd "$2" && __envd_hook 0
      echo "\$ cd hello"; echo "\$ command -v python"; command -v python
      echo "\$ python -c \"import iniconfig; print(iniconfig.__name__)\""; python -c "import iniconfig; print(iniconfig.__name__)"
      cd / && __envd_hook 0; echo "\$ cd /"; echo "\$ echo \"[\$VIRTUAL_ENV]\""; echo "[${VIRTUAL_ENV-}]"' \
      bash "$hook" "$scratch/hello"
  fi
  say '$ envd status hello'
  "$envd" status "$scratch/hello"
fi

say ''
say 'Next: open a new shell, cd into a project, and: envd allow'
case :$PATH: in
  *":$HOME/.local/bin:"*) ;;
  *) say "($HOME/.local/bin is not on your PATH; in shells with the hook the command envd works all the same)" ;;
esac
