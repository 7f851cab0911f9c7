#!/bin/sh
# Makes, in a folder, the certificates of the tests: NAME.pem with NAME.key for each NAME below.
# usage: certificates.sh FOLDER
set -eu
cd "$1"

request() {    # NAME DNS-NAME
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.csr" \
        -subj "/CN=$1" -addext "subjectAltName=DNS:$2" 2> /dev/null
}

authority() {  # NAME
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" \
        -out "$1.pem" -days 2 -subj "/CN=$1" 2> /dev/null
}

# An authority's book, of which nothing is kept; it can date certificates back.
cat > book.cnf << 'END'
[ca]
default_ca = book
[book]
database = book.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
END
: > book.txt

issue() {      # NAME DNS-NAME AUTHORITY VALIDITY
    request "$1" "$2"
    # shellcheck disable=SC2086
    openssl ca -batch -notext -config book.cnf -cert "$3.pem" -keyfile "$3.key" $4 \
        -in "$1.csr" -out "$1.pem" 2> /dev/null
}

authority ca
authority other-ca
issue service service.example ca '-days 2'
issue desk-1 desk-1.firm.example ca '-days 2'
issue desk-2 desk-2.firm.example ca '-days 2'
issue any-desk '*.firm.example' ca '-days 2'
issue both-desks desk-1.firm.example,DNS:desk-2.firm.example ca '-days 2'
issue expired desk-1.firm.example ca '-startdate 200101000000Z -enddate 200102000000Z'
issue foreign desk-1.firm.example other-ca '-days 2'
