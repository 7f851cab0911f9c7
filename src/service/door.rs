//! The door: how many may come in, how long greeting takes, who they are. Nothing behind it knows
//! TCP or TLS.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
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
/// Peers share the connections equally, so that none keeps the others out; of more than these each
/// still has as many as one of these, for they do not all come at once.
const SHARES_MAX: usize = 4;
/// What HTTP/2 begins with (RFC 9113, section 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// After the process ran out of descriptors: some will be free by then.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

pub(super) struct Door {
    log: Log,
    /// `None`: plain, on loopback.
    tls: Option<TlsAcceptor>,
    /// Empty: no peers are told apart.
    peers: Vec<Peer>,
    handshake_timeout: Duration,
    connections: Arc<Semaphore>,
    greeting: Mutex<HashMap<IpAddr, usize>>,
}

/// One who may come in.
struct Peer {
    /// A DNS name of its certificate.
    name: Arc<str>,
    connections: Arc<Semaphore>,
}

impl Door {
    pub(super) fn new(config: &ServiceConfig, log: Log) -> Result<Door, Failure> {
        let tls =
            config.tls.as_ref().map(tls::server).transpose().map_err(|unusable| unusable.why)?;
        let connections = config.max_connections as usize;
        let share = connections.div_ceil(config.peers.len().clamp(1, SHARES_MAX));
        let peers = config.peers.iter().map(|peer| Peer {
            name: Arc::from(&*peer.certificate),
            connections: Arc::new(Semaphore::new(share)),
        });
        Ok(Door {
            log,
            tls: tls.map(|tls| TlsAcceptor::from(Arc::new(tls))),
            peers: peers.collect(),
            handshake_timeout: config.handshake_timeout,
            connections: Arc::new(Semaphore::new(connections)),
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
            None => (self.in_time(preface(stream)).await?, None),
            Some(tls) => {
                let greeted = self.in_time(async { preface(tls.accept(stream).await?).await });
                let stream = greeted.await?;
                let peer = self.peer(&stream)?;
                (stream, peer)
            }
        };
        let full = "there are as many connections as there may be";
        let mut places = vec![place(&self.connections, full)?];
        if let Some(peer) = peer {
            let full = "the peer has as many connections as it may have";
            places.push(place(&peer.connections, full)?);
        }
        let peer = peer.map(|peer| Arc::clone(&peer.name));
        let caller = Caller { address: Arc::from(address.to_string()), peer };
        Ok(Connection { io, unread: PREFACE, caller, _places: places })
    }

    /// What comes in time.
    async fn in_time<T>(&self, greeting: impl Future<Output = io::Result<T>>) -> Result<T, String> {
        match timeout(self.handshake_timeout, greeting).await {
            Ok(greeted) => greeted.map_err(|error| error.to_string()),
            Err(_) => Err("the greeting takes too long".to_owned()),
        }
    }

    /// The one peer whose certificate this is. `None` where no peers are told apart.
    fn peer(&self, stream: &TlsStream<TcpStream>) -> Result<Option<&Peer>, &'static str> {
        if self.peers.is_empty() {
            return Ok(None);
        }
        let certificates = stream.get_ref().1.peer_certificates();
        let certificate = certificates.and_then(<[_]>::first).ok_or("there is no certificate")?;
        let names = tls::dns_names(certificate);
        let mut matching = self.peers.iter().filter(|peer| names.contains(&*peer.name));
        match (matching.next(), matching.next()) {
            (Some(peer), None) => Ok(Some(peer)),
            (None, _) => Err("the certificate is of no peer"),
            (Some(_), Some(_)) => Err("the certificate is of several peers"),
        }
    }

    /// A place among those who are greeted.
    fn greet(self: &Arc<Self>, address: IpAddr) -> Result<Greeting, &'static str> {
        let address = network(address);
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

/// Whose handshakes are counted together: those of an address, of IPv6 those of a /64, of which
/// every host has all addresses (RFC 4291, section 2.5.4).
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

/// Reads what HTTP/2 begins with, all of it: nobody gets a place for less.
async fn preface<T: AsyncRead + Unpin>(mut stream: T) -> io::Result<Box<T>> {
    let mut said = [0; PREFACE.len()];
    stream.read_exact(&mut said).await?;
    let is_http_2 = (said == *PREFACE).then(|| Box::new(stream));
    is_http_2.ok_or_else(|| io::Error::other("this is not HTTP/2"))
}

fn place(
    places: &Arc<Semaphore>,
    full: &'static str,
) -> Result<OwnedSemaphorePermit, &'static str> {
    Arc::clone(places).try_acquire_owned().map_err(|_| full)
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
    /// What the door has read already and HTTP/2 has still to see.
    unread: &'static [u8],
    caller: Caller,
    _places: Vec<OwnedSemaphorePermit>,
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
        if self.unread.is_empty() {
            return Pin::new(&mut self.io).poll_read(context, buffer);
        }
        let (now, later) = self.unread.split_at(self.unread.len().min(buffer.remaining()));
        buffer.put_slice(now);
        self.unread = later;
        Poll::Ready(Ok(()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handshakes_are_counted_by_address_or_by_network() {
        let together = |one: &str, other: &str| {
            network(one.parse().unwrap()) == network(other.parse().unwrap())
        };
        assert!(together("2001:db8:0:1::1", "2001:db8:0:1:ffff::2"));
        assert!(!together("2001:db8:0:1::1", "2001:db8:0:2::1"));
        assert!(!together("192.0.2.1", "192.0.2.2"));
        // A socket for both families shows the old ones so.
        assert!(!together("::ffff:192.0.2.1", "::ffff:192.0.2.2"));
        assert!(together("::ffff:192.0.2.1", "192.0.2.1"));
    }
}
