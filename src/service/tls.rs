//! TLS 1.3 (RFC 8446) and nothing older, the hybrid X25519MLKEM768 preferred, so that what is
//! recorded today cannot be read by tomorrow's quantum computer.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::version::TLS13;
use rustls::{RootCertStore, ServerConfig};
use webpki::EndEntityCert;

use crate::config::{TlsConfig, UnusableTls};

/// What gRPC speaks (RFC 7540).
const HTTP_2: &[u8] = b"h2";

/// The keys that name the files.
const CERTIFICATE: &str = "certificate";
const PRIVATE_KEY: &str = "private_key";
const CLIENT_CA: &str = "client_ca";

/// Whether a daemon could serve with these files.
pub(crate) fn check(config: &TlsConfig) -> Result<(), UnusableTls> {
    server(config).map(drop)
}

pub(super) fn server(config: &TlsConfig) -> Result<ServerConfig, UnusableTls> {
    let certificates = certificates(CERTIFICATE, &config.certificate)?;
    let private_key = private_key(&config.private_key)?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&TLS13])
        .map_err(|error| about(CERTIFICATE, &config.certificate, &error))?;
    let builder = match &config.client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for root in self::certificates(CLIENT_CA, path)? {
                roots.add(root).map_err(|error| about(CLIENT_CA, path, &error))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider)
                .build()
                .map_err(|error| about(CLIENT_CA, path, &error))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut tls =
        builder.with_single_cert(certificates, private_key).map_err(|error| match error {
            rustls::Error::InvalidCertificate(_) => about(CERTIFICATE, &config.certificate, &error),
            rustls::Error::InconsistentKeys(_) => {
                about(PRIVATE_KEY, &config.private_key, &"it is not the certificate's key")
            }
            _ => about(PRIVATE_KEY, &config.private_key, &error),
        })?;
    tls.alpn_protocols = vec![HTTP_2.to_vec()];
    // A resumed session would outlive its certificate.
    tls.session_storage = Arc::new(NoServerSessionStorage {});
    tls.send_tls13_tickets = 0;
    Ok(tls)
}

fn certificates(
    key: &'static str,
    path: &Path,
) -> Result<Vec<CertificateDer<'static>>, UnusableTls> {
    let certificates = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    let certificates: Vec<_> = certificates.map_err(|error| about(key, path, &error))?;
    match certificates.is_empty() {
        true => Err(about(key, path, &"there is no certificate in it")),
        false => Ok(certificates),
    }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, UnusableTls> {
    PrivateKeyDer::from_pem_file(path).map_err(|error| match error {
        pem::Error::NoItemsFound => about(PRIVATE_KEY, path, &"there is no private key in it"),
        error => about(PRIVATE_KEY, path, &error),
    })
}

fn about(key: &'static str, path: &Path, error: &dyn std::fmt::Display) -> UnusableTls {
    UnusableTls { key, why: format!("{}: {error}", path.display()) }
}

/// Every name of a certificate, which is that of a trusted CA, in small letters. A wildcard stands
/// for many and is the name of nobody.
pub(super) fn dns_names(certificate: &CertificateDer<'_>) -> HashSet<String> {
    let certificate = EndEntityCert::try_from(certificate);
    let names = certificate.iter().flat_map(|known| known.valid_dns_names());
    names.map(str::to_ascii_lowercase).collect()
}
