# Runs before the frozen program. Its OpenSSL looks for the system's certificates where the system that built it has them:
# Debian's place. Elsewhere they are in another file, and it is told which; what the person has set is left alone.
import os
import sys

if (
    sys.platform in ("linux", "darwin")
    and not os.path.exists("/usr/lib/ssl/certs")
    and "SSL_CERT_FILE" not in os.environ
):
    for bundle in (
        "/etc/ssl/certs/ca-certificates.crt",  # Debian without openssl, Arch
        "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora
        "/etc/ssl/ca-bundle.pem",  # openSUSE
        "/etc/ssl/cert.pem",  # Alpine's kin, macOS
    ):
        if os.path.exists(bundle):
            os.environ["SSL_CERT_FILE"] = bundle
            break
