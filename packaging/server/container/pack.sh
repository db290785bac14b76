#!/bin/sh
# pack.sh FOLDER — build the server's image with Docker, see it answer, and pack it: `docker load` takes the file as it is.
set -eu
to=${1:?the folder for the file}
cd "$(dirname "$0")/../../.."
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' shared/handbell_shared/version.py)
image="handbell:$version"

docker build --file packaging/server/container/Containerfile --target server --tag "$image" .
container=$(docker run --detach --read-only --tmpfs /tmp --tmpfs /var/lib/handbell:uid=10001,gid=10001,mode=0700 "$image")
trap 'docker rm --force "$container" > /dev/null' EXIT
seconds=0
until docker exec "$container" python -c "import urllib.request as web; web.urlopen('http://127.0.0.1:8080/healthz', timeout=4)" 2> /dev/null; do
  seconds=$((seconds + 1))
  [ "$seconds" -lt 60 ] || { docker logs "$container" >&2; echo "pack.sh: the server did not answer within a minute" >&2; exit 1; }
  sleep 1
done

mkdir -p "$to"
case $(uname -m) in x86_64) machine=amd64 ;; aarch64 | arm64) machine=arm64 ;; *) machine=$(uname -m) ;; esac
docker save "$image" | gzip -n -9 > "$to/handbell-server-$version-container-linux-$machine.tar.gz"
