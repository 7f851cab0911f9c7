//! The two servers, each in a process of its own: this program, called with the server's name.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tinywindow::config::Config;
use tinywindow::service;
use tinywindow::service::proto::encryption::encryption_service_server::{
    EncryptionService, EncryptionServiceServer,
};
use tinywindow::service::proto::encryption::{
    KeygenRequest, KeygenResponse, SignRequest, SignResponse, VerifyRequest, VerifyResponse,
};
use tinywindow::signing::{self, Suite};
use tokio::net::TcpListener;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Certificate, Identity, Server as Tonic, ServerTlsConfig};
use tonic::{Request, Response, Status, async_trait};

pub const DAEMON: &str = "daemon";
pub const BARE: &str = "bare";
/// The key that the daemon holds, in a file of the folder.
pub const KEY: &str = "reports.key";
pub const SIGNATURE_SIZE: usize = 32;

pub fn key() -> Vec<u8> {
    signing::keygen(Suite::HmacSha256, 1).to_vec()
}

/// Certificates and the key, where the servers run.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Folder {
        let name = format!("tinywindow-bench-{}", std::process::id());
        let folder = Folder(std::env::temp_dir().join(name));
        std::fs::create_dir_all(folder.path()).expect("a folder");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/service/certificates.sh");
        let made = Command::new(script).arg(folder.path()).status();
        assert!(made.is_ok_and(|status| status.success()), "openssl makes certificates");
        std::fs::write(folder.path().join(KEY), key()).expect("a key file");
        folder
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn start(&self, name: &str) -> Server {
        let mut process = Command::new(std::env::current_exe().expect("this program"))
            .arg(name)
            .current_dir(self.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let output = BufReader::new(process.stdout.take().expect("a pipe"));
        let port = output.lines().map_while(Result::ok).find_map(|line| {
            let address = line.contains("serving").then(|| line.split('"').nth_back(1))??;
            address.rsplit_once(':')?.1.parse().ok()
        });
        Server { process, port: port.expect("the server serves") }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(self.path());
    }
}

pub struct Server {
    process: Child,
    pub port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What `tinywindow serve` does.
pub fn daemon() {
    let config = format!(
        "journal.kind = 'memory'
        venue.kind = 'paper'
        gateway = {{ max_orders = 1, memory_lock = 'preferred' }}
        [service]
        listen = '127.0.0.1:0'
        certificate = 'service.pem'
        private_key = 'service.key'
        client_ca = 'ca.pem'
        keys = ['{KEY}']"
    );
    let config = Config::parse(&config).unwrap_or_else(|error| panic!("{error}"));
    service::serve(&config).expect("served");
}

/// tonic as its own examples set it up.
pub fn bare() {
    let read = |name| std::fs::read(name).expect("the folder's files");
    let tls = ServerTlsConfig::new()
        .identity(Identity::from_pem(read("service.pem"), read("service.key")))
        .client_ca_root(Certificate::from_pem(read("ca.pem")));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("serving \"{}\"", listener.local_addr().expect("an address"));
        std::io::stdout().flush().expect("a reader");
        Tonic::builder()
            .tls_config(tls)
            .expect("certificates")
            .add_service(EncryptionServiceServer::new(Constant))
            .serve_with_incoming(TcpIncoming::from(listener).with_nodelay(Some(true)))
            .await
            .expect("served");
    });
}

struct Constant;

#[async_trait]
impl EncryptionService for Constant {
    async fn sign(&self, _: Request<SignRequest>) -> Result<Response<SignResponse>, Status> {
        Ok(Response::new(SignResponse { signature: vec![0x5a; SIGNATURE_SIZE] }))
    }

    async fn keygen(&self, _: Request<KeygenRequest>) -> Result<Response<KeygenResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn verify(&self, _: Request<VerifyRequest>) -> Result<Response<VerifyResponse>, Status> {
        Err(Status::unimplemented(""))
    }
}
