//! Files of key bytes: a key's id is its path. Whoever may read the file has the key.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use zeroize::Zeroizing;

use super::{KeyError, KeyProvider};
use crate::config::key_file;
use crate::signing::Key;

/// Its owner alone may read a key.
const MODE: u32 = 0o600;

/// Keys in files, one each, of at most 8 KiB; relative paths start at the working directory.
#[derive(Clone, Copy, Debug, Default)]
pub struct FileKeys;

impl KeyProvider for FileKeys {
    fn get_key(&self, key_id: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let key = key_file::read(Path::new(key_id)).map_err(storage)?;
        Key::parse(&key).map_err(KeyError::Key)?;
        Ok(key)
    }

    fn store_key(&self, key_id: &str, key: &[u8]) -> Result<(), KeyError> {
        Key::parse(key).map_err(KeyError::Key)?;
        let options = OpenOptions::new().write(true).create_new(true).mode(MODE).clone();
        let mut file = options.open(key_id).map_err(storage)?;
        file.write_all(key).and_then(|()| file.sync_all()).map_err(|error| {
            // A part of a key is worth nothing; the error in hand is the one to report.
            let _ = fs::remove_file(key_id);
            storage(error)
        })
    }

    fn delete_key(&self, key_id: &str) -> Result<(), KeyError> {
        fs::remove_file(key_id).map_err(storage)
    }
}

fn storage(error: io::Error) -> KeyError {
    match error.kind() {
        io::ErrorKind::NotFound => KeyError::NotFound,
        io::ErrorKind::AlreadyExists => KeyError::Conflict,
        _ => KeyError::Storage(error),
    }
}
