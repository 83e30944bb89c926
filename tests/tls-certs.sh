#!/bin/sh
# tls-certs.sh DIR HOST: an authority of its own, a server's certificate for HOST and a client's,
# by the names that -object tls-creds-x509 looks for.  For tests; nothing of it is kept.
set -eu
dir=$1 host=$2
umask 077
mkdir -p "$dir"
cd "$dir"

cert() # NAME TEMPLATE-LINE...
{
	name=$1
	shift
	printf '%s\n' "cn=$name of a test" expiration_days=2 "$@" >"$name.tmpl"
	certtool --generate-privkey --key-type=ecdsa --outfile "$name-key.pem"
	if [ "$name" = ca ]; then
		certtool --generate-self-signed --load-privkey ca-key.pem --template ca.tmpl \
			--outfile ca-cert.pem
	else
		certtool --generate-certificate --load-ca-certificate ca-cert.pem \
			--load-ca-privkey ca-key.pem --load-privkey "$name-key.pem" \
			--template "$name.tmpl" --outfile "$name-cert.pem"
	fi
}

{
	cert ca ca cert_signing_key
	cert server "dns_name=$host" tls_www_server signing_key
	cert client tls_www_client signing_key
} >log 2>&1 || { cat log >&2; exit 1; }
