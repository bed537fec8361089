#!/bin/sh
# Usage, from the root: sh install/install.sh requirements.txt
# Makes sure that .venv holds what that file pins. When it already does, this costs two small processes.
set -u

requirements=$1
mark="$PWD $requirements $(cksum < "$requirements")"

if grep -qxF "$mark" .venv/.complete 2>/dev/null && .venv/bin/python -c 'import pip' 2>/dev/null; then
    exit 0
fi

# The first Python that *runs*: a name on the PATH may be a pyenv or asdf shim that only prints an error.
without_venv=
for candidate in python3.14 python3.13 python3.12 python3 python \
    /usr/bin/python3.* /usr/local/bin/python3.* /opt/homebrew/bin/python3.*; do
    "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1 </dev/null || continue
    if "$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        exec "$candidate" "$(dirname "$0")/environment.py" "$requirements" "$mark"
    fi
    without_venv=$candidate
done

if [ -n "$without_venv" ]; then
    version=$("$without_venv" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "Python $version est là, mais sans le module venv : installez-le (Debian, Ubuntu : « sudo apt install python$version-venv »), puis relancez la commande." >&2
else
    echo "Il faut Python 3.12 ou plus récent, et cette machine n’en a pas qui fonctionne : installez-le (Debian, Ubuntu : « sudo apt install python3 python3-venv »), puis relancez la commande." >&2
fi
exit 1
