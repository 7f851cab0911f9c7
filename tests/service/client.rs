//! A caller: TLS of rustls, gRPC of tonic, on connections made by hand.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::{fs, io};

use hyper_util::rt::TokioIo;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tinywindow::service::proto::encryption::encryption_service_client::EncryptionServiceClient;
use tinywindow::service::proto::execution::execution_adapter_client::ExecutionAdapterClient;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::codegen::Service;
use tonic::transport::{Channel, Endpoint, Uri};

/// Who calls, and whom he trusts.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    pub folder: &'a Path,
    /// The certificate he shows.
    pub certificate: Option<&'a str>,
    pub ca: &'a str,
}

impl<'a> Caller<'a> {
    pub fn new(folder: &'a Path, certificate: &'a str) -> Caller<'a> {
        Caller { folder, certificate: Some(certificate), ca: "ca" }
    }

    fn certificates(&self, name: &str) -> Vec<CertificateDer<'static>> {
        let pem = fs::read(self.folder.join(format!("{name}.pem"))).unwrap();
        CertificateDer::pem_slice_iter(&pem).map(Result::unwrap).collect()
    }

    fn config(&self) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        self.certificates(self.ca).into_iter().for_each(|root| roots.add(root).unwrap());
        let builder = ClientConfig::builder_with_provider(aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match self.certificate {
            None => builder.with_no_client_auth(),
            Some(name) => {
                let key = self.folder.join(format!("{name}.key"));
                let key = PrivateKeyDer::from_pem_file(key).unwrap();
                builder.with_client_auth_cert(self.certificates(name), key).unwrap()
            }
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        config
    }

    /// A TLS connection, on which nothing was said yet.
    pub async fn connect(&self, port: u16) -> io::Result<TlsStream<TcpStream>> {
        let stream = tcp(port).await?;
        let name = ServerName::try_from("service.example").unwrap();
        TlsConnector::from(Arc::new(self.config())).connect(name, stream).await
    }

    /// A channel that has spoken HTTP/2.
    pub async fn channel(&self, port: u16) -> Result<Channel, tonic::transport::Error> {
        let connector = Connector { tls: Some(Arc::new(self.config())), port };
        Endpoint::from_static("http://service.example").connect_with_connector(connector).await
    }

    /// A channel with room for a few small answers that were not read yet.
    pub async fn narrow_channel(&self, port: u16) -> Channel {
        let connector = Connector { tls: Some(Arc::new(self.config())), port };
        let endpoint = Endpoint::from_static("http://service.example");
        let endpoint = endpoint.initial_stream_window_size(1024);
        endpoint.connect_with_connector(connector).await.unwrap()
    }

    pub async fn encryption(&self, port: u16) -> EncryptionServiceClient<Channel> {
        EncryptionServiceClient::new(self.channel(port).await.unwrap())
    }

    pub async fn execution(&self, port: u16) -> ExecutionAdapterClient<Channel> {
        ExecutionAdapterClient::new(self.channel(port).await.unwrap())
    }
}

/// A channel without TLS.
pub async fn plain(port: u16) -> Result<Channel, tonic::transport::Error> {
    let connector = Connector { tls: None, port };
    Endpoint::from_static("http://service.example").connect_with_connector(connector).await
}

/// What is written goes at once, as with every gRPC client.
async fn tcp(port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

struct Connector {
    tls: Option<Arc<ClientConfig>>,
    port: u16,
}

pub trait Io: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin {}

impl<T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin> Io for T {}

impl Service<Uri> for Connector {
    type Response = TokioIo<Box<dyn Io>>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let (tls, port) = (self.tls.clone(), self.port);
        Box::pin(async move {
            let stream = tcp(port).await?;
            let io: Box<dyn Io> = match tls {
                None => Box::new(stream),
                Some(tls) => {
                    let name = ServerName::try_from("service.example").unwrap();
                    Box::new(TlsConnector::from(tls).connect(name, stream).await?)
                }
            };
            Ok(TokioIo::new(io))
        })
    }
}
