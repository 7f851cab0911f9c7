//! Key files: read whole, kept nowhere but in memory that is wiped.

use std::fs::{File, metadata};
use std::io::{self, Read};
use std::path::Path;

use zeroize::Zeroizing;

/// Above every key's size (the largest is below 5 KiB): what is larger is no key.
const KEY_FILE_MAX: u64 = 8 * 1024;

/// The bytes of a key file.
///
/// # Errors
/// Those of the file system; `InvalidInput` for what is no regular file, `FileTooLarge` for more
/// than 8 KiB.
pub(crate) fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let file = metadata(path)?;
    if !file.is_file() {
        // A pipe or a device could block for ever.
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    if file.len() > KEY_FILE_MAX {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 8 KiB"));
    }
    // Room for all of it from the start: growing would leave copies behind.
    let mut key = Zeroizing::new(Vec::with_capacity(KEY_FILE_MAX as usize + 1));
    File::open(path)?.take(KEY_FILE_MAX).read_to_end(&mut key)?;
    Ok(key)
}
