//! The door: how many may come in, how long greeting takes, who they are. Nothing behind it knows
//! TCP or TLS.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use rustls::pki_types::{DnsName, ServerName};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tonic::transport::server::Connected;

use super::access::Caller;
use super::log::Log;
use super::{Failure, tls};
use crate::config::ServiceConfig;
use crate::telemetry::Level;

/// Handshakes at one time: each costs a signature before we know who asks.
const HANDSHAKES_MAX: usize = 256;
/// Of one address, so that nobody keeps all others out.
const HANDSHAKES_PER_ADDRESS: usize = 16;
/// After the process ran out of descriptors: some will be free by then.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

pub(super) struct Door {
    log: Log,
    /// `None`: plain, on loopback.
    tls: Option<TlsAcceptor>,
    /// Empty: no peers are told apart.
    peers: Vec<(Arc<str>, ServerName<'static>)>,
    handshake_timeout: Duration,
    connections: Arc<Semaphore>,
    greeting: Mutex<HashMap<IpAddr, usize>>,
}

impl Door {
    pub(super) fn new(config: &ServiceConfig, log: Log) -> Result<Door, Failure> {
        let tls = config.tls.as_ref().map(tls::server).transpose()?;
        let peers = config.peers.iter().map(|peer| {
            let name = DnsName::try_from(peer.certificate.clone());
            let name = name.map_err(|_| format!("peer {}: not a DNS name", peer.certificate))?;
            Ok((Arc::from(&*peer.certificate), ServerName::DnsName(name)))
        });
        Ok(Door {
            log,
            tls: tls.map(|tls| TlsAcceptor::from(Arc::new(tls))),
            peers: peers.collect::<Result<_, Failure>>()?,
            handshake_timeout: config.handshake_timeout,
            connections: Arc::new(Semaphore::new(config.max_connections as usize)),
            greeting: Mutex::default(),
        })
    }

    fn refuse(&self, address: SocketAddr, why: &str) {
        let details = [("address", &*address.to_string()), ("why", why)];
        self.log.write(Level::Warn, "connection refused", details);
    }

    /// Greets one who comes.
    async fn admit(&self, stream: TcpStream, address: SocketAddr) -> Result<Connection, String> {
        // An answer is one small packet: nothing is gained by holding it back.
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        let (io, peer): (Box<dyn Io>, _) = match &self.tls {
            None => {
                self.in_time(stream.peek(&mut [0])).await?;
                (Box::new(stream), None)
            }
            Some(tls) => {
                let greeted = self.in_time(async {
                    let mut stream = tls.accept(stream).await?;
                    stream.fill_buf().await?;
                    Ok(stream)
                });
                let stream = greeted.await?;
                let peer = self.peer(&stream)?;
                (Box::new(stream), peer)
            }
        };
        let place = Arc::clone(&self.connections).try_acquire_owned();
        let place = place.map_err(|_| "there are as many connections as there may be")?;
        let caller = Caller { address: Arc::from(address.to_string()), peer };
        Ok(Connection { io, caller, _place: place })
    }

    /// What comes in time. Who speaks HTTP/2 speaks first: the greeting ends with his first bytes.
    async fn in_time<T>(&self, greeting: impl Future<Output = io::Result<T>>) -> Result<T, String> {
        match timeout(self.handshake_timeout, greeting).await {
            Ok(greeted) => greeted.map_err(|error| error.to_string()),
            Err(_) => Err("the greeting takes too long".to_owned()),
        }
    }

    /// The one peer whose certificate this is. `None` where no peers are told apart.
    fn peer(&self, stream: &TlsStream<TcpStream>) -> Result<Option<Arc<str>>, &'static str> {
        if self.peers.is_empty() {
            return Ok(None);
        }
        let certificates = stream.get_ref().1.peer_certificates();
        let certificate = certificates.and_then(<[_]>::first).ok_or("there is no certificate")?;
        let mut matching = self.peers.iter().filter(|(_, name)| tls::is_for(certificate, name));
        match (matching.next(), matching.next()) {
            (Some((peer, _)), None) => Ok(Some(Arc::clone(peer))),
            (None, _) => Err("the certificate is of no peer"),
            (Some(_), Some(_)) => Err("the certificate is of several peers"),
        }
    }

    /// A place among those who are greeted.
    fn greet(self: &Arc<Self>, address: IpAddr) -> Result<Greeting, &'static str> {
        let mut greeting = self.greeting.lock().unwrap_or_else(PoisonError::into_inner);
        if greeting.values().sum::<usize>() >= HANDSHAKES_MAX {
            return Err("too many handshakes");
        }
        let of_address = greeting.entry(address).or_default();
        if *of_address >= HANDSHAKES_PER_ADDRESS {
            return Err("too many handshakes of one address");
        }
        *of_address += 1;
        Ok(Greeting { door: Arc::clone(self), address })
    }
}

/// A handshake that is counted while it lasts.
struct Greeting {
    door: Arc<Door>,
    address: IpAddr,
}

impl Drop for Greeting {
    fn drop(&mut self) {
        let mut greeting = self.door.greeting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = greeting.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                greeting.remove(&self.address);
            }
        }
    }
}

/// Lets callers in, until nobody takes them any more.
pub(super) async fn accept(
    door: Arc<Door>,
    listener: TcpListener,
    admitted: mpsc::Sender<io::Result<Connection>>,
) {
    while !admitted.is_closed() {
        let (stream, address) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                door.log.write(Level::Error, "cannot accept", [("why", &*error.to_string())]);
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        match door.greet(address.ip()) {
            Err(why) => door.refuse(address, why),
            Ok(greeting) => {
                let (door, admitted) = (Arc::clone(&door), admitted.clone());
                tokio::spawn(async move {
                    let connection = door.admit(stream, address).await;
                    drop(greeting);
                    match connection {
                        // A daemon that stops takes nobody in.
                        Ok(connection) => drop(admitted.send(Ok(connection)).await),
                        Err(why) => door.refuse(address, &why),
                    }
                });
            }
        }
    }
}

trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// Somebody who was let in.
pub(super) struct Connection {
    io: Box<dyn Io>,
    caller: Caller,
    _place: OwnedSemaphorePermit,
}

impl Connected for Connection {
    type ConnectInfo = Caller;

    fn connect_info(&self) -> Caller {
        self.caller.clone()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}
