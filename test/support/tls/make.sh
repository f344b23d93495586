#!/bin/sh
# Makes the certificates beside this file anew: one server key, certified for the name `localhost` with signatures of every
# kind. The keys of the authorities are thrown away.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for_ages="-days 36500"

printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n' > "$work/leaf.ext"
openssl ecparam -name prime256v1 -genkey -noout -out server.key
openssl req -new -key server.key -subj /CN=localhost -out "$work/server.csr"

authority() { # name, then options of genpkey
  name=$1
  shift
  openssl genpkey "$@" -out "$work/$name.key"
  openssl req -x509 -new -key "$work/$name.key" -subj "/CN=FraiseQL tests $name" $for_ages -out "authority-$name.crt"
}
certify() { # authority, kind of signature, then options of x509
  name=$1
  kind=$2
  shift 2
  openssl x509 -req -in "$work/server.csr" -CA "authority-$name.crt" -CAkey "$work/$name.key" -CAcreateserial \
    -CAserial "$work/serial" -extfile "$work/leaf.ext" $for_ages "$@" -out "server-$kind.crt"
}

authority rsa -algorithm RSA -pkeyopt rsa_keygen_bits:2048
authority ec -algorithm EC -pkeyopt ec_paramgen_curve:P-384
authority ed25519 -algorithm ED25519
for hash in sha1 sha256 sha384 sha512; do
  certify rsa "rsa-$hash" "-$hash"
  certify ec "ecdsa-$hash" "-$hash"
  certify rsa "pss-$hash" "-$hash" -sigopt rsa_padding_mode:pss
done
certify ed25519 ed25519
