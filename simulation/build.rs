//! Gives the tests of races the product's own source, with the locks and atomics of a scheduler that
//! tries every order in which threads can take turns.

use std::path::Path;
use std::{env, fs};

/// In the product's `gateway/`.
const SOURCES: [&str; 3] = ["turnstile.rs", "bell.rs", "parker.rs"];

fn main() {
    let out = env::var_os("OUT_DIR").expect("cargo's folder");
    for name in SOURCES {
        let path = format!("../src/gateway/{name}");
        println!("cargo::rerun-if-changed={path}");
        let source = fs::read_to_string(path).expect("the product's source");
        assert!(source.contains("use std::sync::"), "its locks are the standard library's");
        let scheduled = source.replace("std::sync::", "shuttle::sync::").replace("//!", "//");
        fs::write(Path::new(&out).join(name), scheduled).expect("written");
    }
}
