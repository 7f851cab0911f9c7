//! The services on an open gateway: everything that the daemon has behind its door.

use std::fmt;
use std::sync::Arc;

use tonic::server::NamedService;
use tonic::service::Routes;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::{HealthReporter, HealthService};

use super::access::Access;
use super::completions::Completions;
use super::log::Log;
use super::proto::encryption::encryption_service_server::EncryptionServiceServer;
use super::proto::execution::execution_adapter_server::ExecutionAdapterServer;
use super::{Failure, encryption, execution, proto};
use crate::config::{Config, ServiceConfig};
use crate::custody::{FileKeys, KeyProvider, MemoryKeys};
use crate::gateway::Gateway;

/// What health answers for, beside the whole.
const SERVICES: [&str; 2] = [
    EncryptionServiceServer::<encryption::Service>::NAME,
    ExecutionAdapterServer::<execution::Service>::NAME,
];

/// Every service, ready for requests that say in their extensions who their [`Caller`] is.
///
/// [`Caller`]: super::Caller
pub struct Services {
    gateway: Arc<Gateway>,
    health: HealthReporter,
    completions: Arc<Completions>,
    routes: Routes,
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services").finish_non_exhaustive()
    }
}

impl Services {
    /// Reads the keys that callers may name, and serves.
    ///
    /// # Errors
    /// A key that cannot be read.
    pub async fn open(
        config: &Config,
        service: &ServiceConfig,
        gateway: Gateway,
        log: Log,
    ) -> Result<Services, Failure> {
        let gateway = Arc::new(gateway);
        let access = Arc::new(Access::new(service, hold_keys(&service.keys)?));
        let completions = Completions::new(
            Arc::clone(&gateway),
            Arc::clone(&access),
            log.clone(),
            config.max_completions,
        );
        let health = HealthReporter::new();
        let execution = execution::Service::new(
            Arc::clone(&gateway),
            Arc::clone(&access),
            log.clone(),
            health.clone(),
            Arc::clone(&completions),
        );
        let encryption = encryption::Service::new(access, log);
        let reflection = || {
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        };
        let damaged = |error| format!("the protocols are damaged: {error}");
        let size = service.max_message_bytes as usize;
        let routes = Routes::new(reflection().build_v1().map_err(damaged)?)
            .add_service(reflection().build_v1alpha().map_err(damaged)?)
            .add_service(HealthServer::new(HealthService::from_health_reporter(health.clone())))
            .add_service(EncryptionServiceServer::new(encryption).max_decoding_message_size(size))
            .add_service(ExecutionAdapterServer::new(execution).max_decoding_message_size(size))
            .prepare();
        for name in SERVICES {
            health.set_service_status(name, ServingStatus::Serving).await;
        }
        Ok(Services { gateway, health, completions, routes })
    }

    /// Whom a request goes to.
    #[must_use]
    pub fn routes(&self) -> Routes {
        self.routes.clone()
    }

    /// Tells those who watch that the end is near and ends what would never end by itself. What is
    /// under way goes on.
    pub(super) async fn end_streams(&mut self) {
        for name in ["", SERVICES[0], SERVICES[1]] {
            self.health.set_service_status(name, ServingStatus::NotServing).await;
            self.health.clear_service_status(name).await;
        }
        self.completions.end();
    }

    /// Closes the gateway, for which it may have to wait for a disk.
    pub(super) async fn close(self) -> Result<(), Failure> {
        let closed = tokio::task::spawn_blocking(move || self.gateway.close()).await;
        let closed = closed.unwrap_or(Err(crate::Error::Internal));
        closed.map_err(|error| format!("cannot close the gateway: {error}"))
    }
}

/// Moves the keys that callers may name into guarded memory.
fn hold_keys(ids: &[String]) -> Result<MemoryKeys, Failure> {
    let keys = MemoryKeys::new();
    for id in ids {
        let held = FileKeys.get_key(id).and_then(|key| keys.store_key(id, &key));
        held.map_err(|error| format!("key {id}: {error}"))?;
    }
    Ok(keys)
}
