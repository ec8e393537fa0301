#!/usr/bin/env bash
# Makes certificates to try TLS with: an authority of their own, a server's, and clients'. For a real service ask your own
# authority for them; what this one signs is worth as much as its key, which lies beside it.
set -euo pipefail

usage() {
  cat <<'HELP'
Usage: make-certificates.sh --out FOLDER [--name NAME]... [--client NAME]... [--days N]

Makes in FOLDER, whose files are never written over:
  authority.pem, authority.key    a test authority, made if it is not there; give authority.pem to `qm --ca-file` and to
                                  `qm-server --client-authority-file`
  server.pem, server.key          for `qm-server --certificate-file --private-key-file`, made if it is not there
  NAME.pem, NAME.key              for each --client NAME, for `qm --certificate-file --key-file`

  --name NAME    a host name or address by which clients call the server, beside localhost, 127.0.0.1 and ::1
  --client NAME  who calls: 1 to 64 of letters, digits and .-_ ; the certificate is for DNS:NAME and CN=NAME
  --days N       how long the server's and clients' certificates are good: 1 to 825 (default 90)

Keys are of the curve P-256 and readable by you alone. Later calls with the same FOLDER add clients.

Example: deploy/make-certificates.sh --out certificates --name qm.example.nhs.uk --client extract.rt1
HELP
}

fail() { echo "make-certificates.sh: $*" >&2; exit 2; }

out='' days=90 names=() clients=()
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --out | --name | --client | --days)
      [ $# -ge 2 ] && [ -n "$2" ] || fail "$1: the value is missing"
      case $1 in
        --out) out=$2 ;;
        --name) names+=("$2") ;;
        --client) clients+=("$2") ;;
        --days) days=$2 ;;
      esac
      shift 2 ;;
    *) fail "there is no option \"$1\"; --help lists them" ;;
  esac
done
[ -n "$out" ] || fail "--out: not given. Name the folder for the certificates"
[[ $days =~ ^[1-9][0-9]{0,2}$ ]] && [ "$days" -le 825 ] || fail "--days: \"$days\" is not 1 to 825"
command -v openssl >/dev/null || fail "openssl is not installed. Run: apt-get install openssl"

server_names=DNS:localhost,IP:127.0.0.1,IP:::1
for name in "${names[@]}"; do
  # Nothing but what stands in names and addresses: the name goes into a file of openssl's options.
  if [[ $name =~ ^([0-9]{1,3}\.){3}[0-9]{1,3}$ || $name =~ ^[0-9A-Fa-f:]*:[0-9A-Fa-f:]*$ ]]; then
    server_names+=,IP:$name
  elif [[ $name =~ ^(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]{0,252})$ ]]; then
    server_names+=,DNS:$name
  else
    fail "--name: \"$name\" is no host name or address"
  fi
done
for client in "${clients[@]}"; do
  [[ $client =~ ^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$ ]] || fail "--client: \"$client\" is not 1 to 64 of letters, digits and .-_"
  [ "$client" != server ] && [ "$client" != authority ] || fail "--client: $client is taken by a file of that name"
  [ ! -e "$out/$client.pem" ] && [ ! -e "$out/$client.key" ] ||
    fail "$out/$client.pem or .key is there already. Name another client, or remove both"
done

umask 077
mkdir -p "$out"
cd "$out"
work=$(mktemp -d .making-XXXXXX)
trap 'rm -rf "$PWD/$work"' EXIT

# A file is put in its place as a whole, and only where there is none. The key first: a certificate without a key is of no use.
place() {
  ln "$work/key" "$1.key" && ln "$work/certificate" "$1.pem" || fail "$out/$1.pem and .key cannot be made"
  chmod 644 "$1.pem"
  rm "$work/key" "$work/certificate"
  echo "$out/$1.pem"
}

make_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/key"; }

# sign NAME USAGE ALTERNATIVE_NAMES
sign() {
  make_key
  printf '%s\n' 'basicConstraints=critical,CA:FALSE' 'keyUsage=critical,digitalSignature' "extendedKeyUsage=$2" \
    "subjectAltName=$3" 'subjectKeyIdentifier=hash' 'authorityKeyIdentifier=keyid' >"$work/extensions"
  openssl req -new -sha256 -key "$work/key" -subj "/CN=$1" -out "$work/request"
  openssl x509 -req -sha256 -in "$work/request" -CA authority.pem -CAkey authority.key -set_serial "0x$(openssl rand -hex 16)" \
    -days "$days" -extfile "$work/extensions" -out "$work/certificate" 2>"$work/said" || fail "$(cat "$work/said")"
}

if [ ! -e authority.pem ] && [ ! -e authority.key ]; then
  make_key
  # Ten years; it signs no further authorities.
  openssl req -x509 -new -sha256 -key "$work/key" -subj "/CN=Quartermaster test authority $(openssl rand -hex 4)" -days 3650 \
    -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign -out "$work/certificate"
  place authority
fi
[ -r authority.pem ] && [ -r authority.key ] || fail "$out has one of authority.pem and authority.key without the other"

if [ ! -e server.pem ] && [ ! -e server.key ]; then
  sign "${names[0]:-localhost}" serverAuth "$server_names"
  place server
elif [ ${#names[@]} -gt 0 ]; then
  fail "--name: $out/server.pem is there already. Remove it and server.key to have one made with other names"
fi
for client in "${clients[@]}"; do
  sign "$client" clientAuth "DNS:$client"
  place "$client"
done
