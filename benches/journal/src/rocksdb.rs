//! RocksDB through its C API, where the system has the library (Debian: `librocksdb7.8`): building
//! it takes longer than measuring all else.

use std::ffi::{CString, c_char, c_uchar, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;

use libloading::Library;
use tinywindow::journal::Batch;

use crate::grouped::Store;

/// The first that is there.
const NAMES: [&str; 5] = [
    "librocksdb.so",
    "librocksdb.so.7.8",
    "librocksdb.so.8",
    "librocksdb.so.9",
    "librocksdb.so.10",
];

type Handle = *mut c_void;
type Failure = *mut *mut c_char;

pub struct RocksDb {
    library: Library,
    database: Handle,
    options: Handle,
    batch: Handle,
    next: u64,
}

// SAFETY: none of the handles is bound to a thread, and only one has them.
unsafe impl Send for RocksDb {}

fn library() -> Option<Library> {
    // SAFETY: loading it runs no code that expects anything of this process.
    NAMES.iter().find_map(|name| unsafe { Library::new(*name) }.ok())
}

impl RocksDb {
    pub fn is_here() -> bool {
        library().is_some()
    }

    /// `None`: there is no such library here.
    pub fn new(folder: &Path) -> Option<Self> {
        let library = library()?;
        let path = CString::new(folder.join("rocksdb").as_os_str().as_bytes()).expect("no zeros");
        let mut failure = ptr::null_mut();
        // SAFETY: names and types are those of rocksdb/c.h, the same in all of these versions; the
        // path outlives the call.
        let (database, options, batch) = unsafe {
            let make =
                |name: &[u8]| library.get::<unsafe extern "C" fn() -> Handle>(name).unwrap()();
            let settings = make(b"rocksdb_options_create");
            let set = |name: &[u8], of: Handle| {
                library.get::<unsafe extern "C" fn(Handle, c_uchar)>(name).unwrap()(of, 1);
            };
            set(b"rocksdb_options_set_create_if_missing", settings);
            type Open = unsafe extern "C" fn(Handle, *const c_char, Failure) -> Handle;
            let open = library.get::<Open>(b"rocksdb_open").unwrap();
            let database = open(settings, path.as_ptr(), &mut failure);
            let options = make(b"rocksdb_writeoptions_create");
            set(b"rocksdb_writeoptions_set_sync", options);
            (database, options, make(b"rocksdb_writebatch_create"))
        };
        assert!(failure.is_null() && !database.is_null(), "a database");
        Some(Self { library, database, options, batch, next: 0 })
    }
}

impl Store for RocksDb {
    fn commit(&mut self, records: &Batch) {
        let mut failure = ptr::null_mut();
        // SAFETY: as in `new`; keys and records are copied before the calls return.
        unsafe {
            type Put = unsafe extern "C" fn(Handle, *const c_uchar, usize, *const c_uchar, usize);
            let put = self.library.get::<Put>(b"rocksdb_writebatch_put").unwrap();
            for record in records.payloads() {
                let key = self.next.to_be_bytes();
                put(self.batch, key.as_ptr(), key.len(), record.as_ptr(), record.len());
                self.next += 1;
            }
            type Write = unsafe extern "C" fn(Handle, Handle, Handle, Failure);
            let write = self.library.get::<Write>(b"rocksdb_write").unwrap();
            write(self.database, self.options, self.batch, &mut failure);
            type Clear = unsafe extern "C" fn(Handle);
            self.library.get::<Clear>(b"rocksdb_writebatch_clear").unwrap()(self.batch);
        }
        assert!(failure.is_null(), "a disk");
    }
}

impl Drop for RocksDb {
    fn drop(&mut self) {
        // SAFETY: as in `new`; nobody uses the database any more.
        unsafe {
            type Close = unsafe extern "C" fn(Handle);
            self.library.get::<Close>(b"rocksdb_close").unwrap()(self.database);
        }
    }
}
