#!/bin/sh
# release.sh arm64|x86_64 — what the release workflow does on macOS after freezing: build/release/handbell-desktop-…-macos-….dmg.
#
# The certificate and the key come as text in the environment, go into files and a keychain of their own in a folder that is removed
# at the end, and disk-image.sh does the rest. Without them the image is signed ad hoc, and says so.
set -eu
machine=${1:?arm64 or x86_64}
cd "$(dirname "$0")/../../.."
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' shared/handbell_shared/version.py)
secret=$(mktemp -d)
keychain="$secret/handbell.keychain-db"

finish() {
  [ ! -f "$keychain" ] || security delete-keychain "$keychain"
  rm -rf "$secret"
}
trap finish EXIT

if [ -n "${MAC_CERTIFICATE:-}" ]; then
  printf %s "$MAC_CERTIFICATE" | base64 --decode > "$secret/certificate.p12"
  password=$(openssl rand -hex 24)
  security create-keychain -p "$password" "$keychain"
  security unlock-keychain -p "$password" "$keychain"
  security import "$secret/certificate.p12" -k "$keychain" -P "${MAC_CERTIFICATE_PASSWORD:?}" -T /usr/bin/codesign
  security set-key-partition-list -S apple-tool:,apple: -s -k "$password" "$keychain" > /dev/null
  # shellcheck disable=SC2046 # the keychains that are there, each a word
  security list-keychains -d user -s "$keychain" $(security list-keychains -d user | tr -d '"')
else
  echo "release.sh: no certificate, so the program is signed ad hoc" >&2
  unset MAC_IDENTITY
fi
if [ -n "${NOTARY_KEY_TEXT:-}" ]; then
  printf %s "$NOTARY_KEY_TEXT" > "$secret/notary.p8"
  NOTARY_KEY="$secret/notary.p8"
  export NOTARY_KEY
fi
unset MAC_CERTIFICATE MAC_CERTIFICATE_PASSWORD NOTARY_KEY_TEXT

mkdir -p build/release
sh packaging/desktop/macos/disk-image.sh build/desktop/Handbell.app "build/release/handbell-desktop-$version-macos-$machine.dmg"
