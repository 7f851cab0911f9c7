//! Gives the shared library its SONAME, so that loaders refuse to mix incompatible ABIs, and makes
//! the gRPC code from `proto/` where it is wanted.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libtinywindow.so.0");
    }
    #[cfg(feature = "grpc")]
    compile_protocols()?;
    Ok(())
}

/// Compiles the protocols without protoc, which no lean machine has.
#[cfg(feature = "grpc")]
fn compile_protocols() -> Result<(), Box<dyn std::error::Error>> {
    use prost::Message;
    println!("cargo::rerun-if-changed=proto");
    let files = ["tinywindow/encryption.proto", "tinywindow/execution.proto"];
    let descriptors = protox::compile(files, ["proto"])?;
    let out = std::path::PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("descriptors.bin"), descriptors.encode_to_vec())?;
    let mut prost = tonic_prost_build::Config::new();
    // These may hold a key, which no Debug may show.
    prost.skip_debug(["KeygenRequest", "KeygenResponse", "SignRequest", "VerifyRequest"]);
    tonic_prost_build::configure().compile_fds_with_config(descriptors, prost)?;
    Ok(())
}
