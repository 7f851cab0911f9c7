//! The files that a text names: looked at, or not.

use std::path::Path;

use super::{TlsConfig, key_file};
use crate::gateway::authenticate;
use crate::{Result, journal, signing};

/// The files that a text names.
pub(super) trait Files {
    /// The id of a session's key, or what is wrong with it; `None` when it is not looked at.
    fn order_key_id(&self, path: &Path) -> Result<Option<u64>, String>;

    /// What is wrong with a key for any use.
    fn key(&self, path: &Path) -> Result<(), String>;

    /// What is wrong with a key as one that signs checkpoints.
    fn checkpoint_key(&self, path: &Path) -> Result<(), String>;

    /// What is wrong with the journal.
    fn journal(&self, path: &Path) -> Result<(), String>;

    /// What is wrong with the daemon's certificates and their key.
    fn tls(&self, config: &TlsConfig) -> Result<(), UnusableTls>;
}

/// A file of [`TlsConfig`] with which no daemon can start.
#[derive(Debug)]
pub(crate) struct UnusableTls {
    /// The key that names it.
    pub key: &'static str,
    /// The file, and what is wrong with it.
    pub why: String,
}

/// Files that are not looked at.
pub(super) struct Unseen;

impl Files for Unseen {
    fn order_key_id(&self, _: &Path) -> Result<Option<u64>, String> {
        Ok(None)
    }

    fn key(&self, _: &Path) -> Result<(), String> {
        Ok(())
    }

    fn checkpoint_key(&self, _: &Path) -> Result<(), String> {
        Ok(())
    }

    fn journal(&self, _: &Path) -> Result<(), String> {
        Ok(())
    }

    fn tls(&self, _: &TlsConfig) -> Result<(), UnusableTls> {
        Ok(())
    }
}

/// Files as they are.
pub(super) struct OnDisk;

impl Files for OnDisk {
    fn order_key_id(&self, path: &Path) -> Result<Option<u64>, String> {
        let key = key_file::read(path).map_err(|error| error.to_string())?;
        // Not prepared: whether its memory can be locked says nothing about the text.
        let id = authenticate::check_order_key(&key).and_then(|()| signing::key_id(&key));
        id.map(Some).map_err(|error| error.to_string())
    }

    fn key(&self, path: &Path) -> Result<(), String> {
        let key = key_file::read(path).map_err(|error| error.to_string())?;
        signing::Key::parse(&key).map(drop).map_err(|error| error.to_string())
    }

    fn checkpoint_key(&self, path: &Path) -> Result<(), String> {
        let key = key_file::read(path).map_err(|error| error.to_string())?;
        journal::check_checkpoint_key(&key).map_err(|error| error.to_string())
    }

    fn journal(&self, path: &Path) -> Result<(), String> {
        journal::check(path)
    }

    #[cfg(feature = "grpc")]
    fn tls(&self, config: &TlsConfig) -> Result<(), UnusableTls> {
        crate::service::check_tls(config)
    }

    /// Without the daemon nobody reads certificates.
    #[cfg(not(feature = "grpc"))]
    fn tls(&self, _: &TlsConfig) -> Result<(), UnusableTls> {
        Ok(())
    }
}
