//! The gRPC daemon: both services of `proto/`, health, reflection, and a page for Prometheus.
//!
//! A connection passes `door` (limits, TLS, who is it), a request `access` (what may the caller
//! do), then `encryption` or `execution`; `answer` decides what a caller may learn of an error.
//! `services` is all of it but the door, for callers in this process.

mod access;
mod answer;
mod completions;
mod door;
mod encryption;
mod execution;
mod log;
mod metrics;
pub mod proto;
mod services;
mod tls;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Server;

pub use access::Caller;
pub use log::Log;
pub use services::Services;

use crate::config::{Config, ServiceConfig};
use crate::gateway::{Gateway, Options};
use crate::secret::forbid_core_dumps;
use crate::telemetry::{self, Level};
use door::Door;
pub(crate) use tls::check as check_tls;

/// A quiet connection is asked so often whether it is still there.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
/// It has so long to answer.
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of a request's headers; gRPC's own take a few hundred.
const HEADERS_MAX: u32 = 8 * 1024;

/// Why the daemon could not start, or stopped: what is wrong and with what.
pub type Failure = String;

/// Serves until SIGTERM or SIGINT, then finishes what was accepted.
///
/// # Errors
/// A configuration without `[service]`, a file or an address that cannot be used, a gateway that
/// does not open.
pub fn serve(config: &Config) -> Result<(), Failure> {
    let service = config.service.as_ref();
    let service = service.ok_or("the configuration has no [service]; add it with its `listen`")?;
    // The certificate's key, and keys in requests, pass through memory that is not ours to guard.
    forbid_core_dumps().map_err(|_| "the system refuses to make no core dump of this process")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("cannot start threads: {error}"))?;
    let log = Log::start(std::io::stdout());
    let sink = log.clone();
    let sink = Box::new(move |record: &telemetry::Record| sink.record(record));
    telemetry::set_log_sink(Some(sink), Level::Info).map_err(|error| error.to_string())?;
    let served = runtime.block_on(async {
        let stop = stop_signal()?;
        Daemon::open(config, service, log.clone()).await?.run(service, stop).await
    });
    // What callers left behind ends with the daemon; it must not keep it.
    runtime.shutdown_background();
    log.finish();
    served
}

/// Resolves when the process is asked to stop.
fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    let listen = |kind| signal(kind).map_err(|error| format!("cannot wait for signals: {error}"));
    let (mut terminate, mut interrupt) =
        (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Everything that is open.
struct Daemon {
    log: Log,
    services: Services,
    door: Arc<Door>,
    listener: TcpListener,
    metrics_listener: Option<TcpListener>,
}

impl Daemon {
    /// Opens everything before anyone is let in, so that what is wrong is said at once.
    async fn open(config: &Config, service: &ServiceConfig, log: Log) -> Result<Daemon, Failure> {
        let door = Arc::new(Door::new(service, log.clone())?);
        let listener = bind(service.listen).await?;
        let metrics_listener = match service.metrics_listen {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        let gateway = Gateway::open_with(config, Options::default())
            .map_err(|error| format!("cannot open the gateway: {error}"))?;
        // After the gateway, which sets the policy for memory that cannot be locked.
        let services = Services::open(config, service, gateway, log.clone()).await?;
        Ok(Daemon { log, services, door, listener, metrics_listener })
    }

    /// Serves until `stop`, then lets callers finish and closes the gateway.
    async fn run(
        self,
        config: &ServiceConfig,
        stop: impl Future<Output = ()>,
    ) -> Result<(), Failure> {
        let Daemon { log, mut services, door, listener, metrics_listener } = self;
        let (stopping, mut stopped) = watch::channel(());
        let (admitted, incoming) = mpsc::channel(1);
        let address = local_address(&listener)?;
        let accepting = tokio::spawn(door::accept(door, listener, admitted));
        if let Some(listener) = metrics_listener {
            log.write(Level::Info, "metrics", [("address", &*local_address(&listener)?)]);
            tokio::spawn(metrics::serve(listener));
        }
        let mut serving = tokio::spawn(
            Server::builder()
                .timeout(config.request_timeout)
                .max_concurrent_streams(config.max_requests)
                .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
                .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
                .http2_max_header_list_size(HEADERS_MAX)
                .add_routes(services.routes())
                .serve_with_incoming_shutdown(ReceiverStream::new(incoming), async move {
                    let _ = stopped.changed().await;
                }),
        );
        log.write(Level::Info, "serving", [("address", &*address)]);

        let as_asked = tokio::select! {
            () = stop => true,
            _ = &mut serving => false,
        };
        log.write(Level::Info, "stopping", []);
        accepting.abort();
        services.end_streams().await;
        stopping.send_replace(());
        if !serving.is_finished() && timeout(config.stop_timeout, serving).await.is_err() {
            log.write(Level::Warn, "callers did not go in time", []);
        }
        services.close().await?;
        log.write(Level::Info, "stopped", []);
        as_asked.then_some(()).ok_or_else(|| "callers could not be let in any more".to_owned())
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    let listener = TcpListener::bind(address).await;
    listener.map_err(|error| format!("cannot listen on {address}: {error}"))
}

fn local_address(listener: &TcpListener) -> Result<String, Failure> {
    let address = listener.local_addr().map_err(|error| format!("the socket is gone: {error}"))?;
    Ok(address.to_string())
}
