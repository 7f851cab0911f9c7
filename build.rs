//! Gives the shared library its SONAME: loaders then refuse to mix incompatible ABIs.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libtinywindow.so.0");
    }
}
