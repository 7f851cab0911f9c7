//! TLS 1.3 (RFC 8446) and nothing older, the hybrid X25519MLKEM768 preferred, so that what is
//! recorded today cannot be read by tomorrow's quantum computer.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::version::TLS13;
use rustls::{RootCertStore, ServerConfig};
use webpki::EndEntityCert;

use super::Failure;
use crate::config::TlsConfig;

/// What gRPC speaks (RFC 7540).
const HTTP_2: &[u8] = b"h2";

pub(super) fn server(config: &TlsConfig) -> Result<ServerConfig, Failure> {
    let certificates = certificates(&config.certificate)?;
    let private_key = PrivateKeyDer::from_pem_file(&config.private_key)
        .map_err(|error| about(&config.private_key, &error))?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&TLS13])
        .map_err(|error| format!("TLS 1.3 is not there: {error}"))?;
    let builder = match &config.client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for root in self::certificates(path)? {
                roots.add(root).map_err(|error| about(path, &error))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider)
                .build()
                .map_err(|error| about(path, &error))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut tls = builder
        .with_single_cert(certificates, private_key)
        .map_err(|error| about(&config.certificate, &error))?;
    tls.alpn_protocols = vec![HTTP_2.to_vec()];
    // A resumed session would outlive its certificate.
    tls.session_storage = Arc::new(NoServerSessionStorage {});
    tls.send_tls13_tickets = 0;
    Ok(tls)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let certificates = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    let certificates: Vec<_> = certificates.map_err(|error| about(path, &error))?;
    match certificates.is_empty() {
        true => Err(about(path, &"there is no certificate in it")),
        false => Ok(certificates),
    }
}

fn about(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    format!("{}: {error}", path.display())
}

/// Every name of a certificate, which is that of a trusted CA, in small letters. A wildcard stands
/// for many and is the name of nobody.
pub(super) fn dns_names(certificate: &CertificateDer<'_>) -> HashSet<String> {
    let certificate = EndEntityCert::try_from(certificate);
    let names = certificate.iter().flat_map(|known| known.valid_dns_names());
    names.map(str::to_ascii_lowercase).collect()
}
