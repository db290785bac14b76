#!/bin/sh
# disk-image.sh Handbell.app handbell.dmg — sign the program, have Apple look at it, and put it on a disk image.
#
# Runs on macOS with Xcode's command line tools. Without an identity the program is signed for this machine only ("ad hoc"): it shows
# notifications, and on other machines the person has to allow it. Settings, all from the environment:
#
#   MAC_IDENTITY   the certificate: "Developer ID Application: …", in a keychain that is open
#   NOTARY_KEY     the file of a key for App Store Connect, with NOTARY_KEY_ID and NOTARY_ISSUER
set -eu
app=${1:?the program: Handbell.app}
image=${2:?the disk image to make}
here=$(dirname "$0")
identity=${MAC_IDENTITY:--}

sign() { # what is signed with a certificate runs hardened: notarisation asks for it; ad hoc it could not load its own libraries
  if [ "$identity" = - ]; then
    codesign --force --sign - "$@"
  else
    codesign --force --timestamp --options runtime --entitlements "$here/entitlements.plist" --sign "$identity" "$@"
  fi
}

notarise() { # waits for the answer, which is written into what was sent, so that it also starts without a network
  [ -n "${NOTARY_KEY:-}" ] || { echo "disk-image.sh: not notarised: NOTARY_KEY is not set" >&2; return 0; }
  xcrun notarytool submit "$1" --wait --key "$NOTARY_KEY" --key-id "${NOTARY_KEY_ID:?}" --issuer "${NOTARY_ISSUER:?}"
  xcrun stapler staple "$2"
}

# From the inside out: the seal of a bundle covers the seals of what is in it.
find "$app/Contents" -type f \( -name '*.dylib' -o -name '*.so' \) -print | while IFS= read -r library; do sign "$library"; done
find "$app/Contents/Frameworks" -type d -name '*.framework' -prune -print 2>/dev/null | while IFS= read -r framework; do sign "$framework"; done
find "$app/Contents/Frameworks" -type f -name 'Python' -not -path '*.framework/*' -print 2>/dev/null | while IFS= read -r python; do sign "$python"; done
sign "$app"
codesign --verify --deep --strict "$app"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ "$identity" != - ]; then
  ditto -c -k --keepParent "$app" "$work/Handbell.zip"
  notarise "$work/Handbell.zip" "$app"
fi

mkdir "$work/disk"
ditto "$app" "$work/disk/Handbell.app"
ln -s /Applications "$work/disk/Applications"
rm -f "$image"
hdiutil create -quiet -volname Handbell -srcfolder "$work/disk" -fs HFS+ -format UDZO "$image"
if [ "$identity" != - ]; then
  codesign --force --timestamp --sign "$identity" "$image"
  notarise "$image" "$image"
fi
hdiutil verify -quiet "$image"
