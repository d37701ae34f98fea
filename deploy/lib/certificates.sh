# A certificate authority of our own and one certificate a process, for mTLS between them.

readonly CERTIFICATE_DAYS=90
readonly RENEW_WITHIN=$((14 * 24 * 3600))

is_fresh() { [ -s "$1" ] && openssl x509 -in "$1" -noout -checkend "$RENEW_WITHIN" > /dev/null; }

make_authority() {
  is_fresh "$STATE/certs/ca.pem" && return 0
  (umask 077 && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
    -subj '/CN=Arasta local CA' -addext 'basicConstraints=critical,CA:TRUE' \
    -addext 'keyUsage=critical,keyCertSign,cRLSign' \
    -keyout "$STATE/certs/ca.key" -out "$STATE/certs/ca.pem")
  # What an old authority has signed is worth nothing now.
  rm -f "$STATE"/certs/*.crt
}

# make_certificate SERVICE: its identity is the SPIFFE id; the names are where it is reached.
make_certificate() {
  local base=$STATE/certs/$1
  is_fresh "$base.crt" && return 0
  (
    umask 077
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=arasta-$1" -keyout "$base.key.new" -out "$base.csr"
    openssl x509 -req -in "$base.csr" -CA "$STATE/certs/ca.pem" -CAkey "$STATE/certs/ca.key" -CAcreateserial \
      -days "$CERTIFICATE_DAYS" -out "$base.crt.new" -extfile <(
        echo "subjectAltName=URI:spiffe://arasta/$1,DNS:localhost,IP:127.0.0.1"
        echo 'extendedKeyUsage=serverAuth,clientAuth'
        echo 'keyUsage=critical,digitalSignature'
      )
    rm "$base.csr"
    mv "$base.key.new" "$base.key"
    mv "$base.crt.new" "$base.crt"
  )
}

make_certificates() {
  local service
  make_authority
  for service in "${SERVICES[@]}"; do make_certificate "$service"; done
}
