#!/bin/sh
# Chromium, fonts with Chinese glyphs and a Redis server for the tests, from Debian's packages where we may install them.
set -u
missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
fc-list :lang=zh 2>/dev/null | grep -q . || missing="$missing fonts-noto-cjk"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing for the tests:$missing …"
  apt-get -qq update >/dev/null 2>&1
  # shellcheck disable=SC2086 # a list of packages
  DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing fontconfig >/dev/null 2>&1 && exit 0
fi
echo "the browser tests need these Debian packages:$missing; without them they are reported as skipped" >&2
