//! What `proto/` says, in Rust: messages, clients and servers.
#![allow(missing_docs, clippy::doc_markdown)]

/// A Debug that shows nothing of messages that may hold a key.
macro_rules! redacted {
    ($($message:ident),*) => {$(
        impl std::fmt::Debug for $message {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($message)).finish_non_exhaustive()
            }
        }
    )*};
}

/// `proto/tinywindow/encryption.proto`.
pub mod encryption {
    tonic::include_proto!("tinywindow.encryption");

    redacted!(KeygenRequest, KeygenResponse, SignRequest, VerifyRequest);
}

/// `proto/tinywindow/execution.proto`.
pub mod execution {
    tonic::include_proto!("tinywindow.execution");
}

/// Both, as reflection tells them.
pub(super) const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
