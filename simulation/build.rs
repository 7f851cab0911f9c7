//! Gives the tests of races the product's own source, with the locks and atomics of a scheduler that
//! tries every order in which threads can take turns.

use std::path::Path;
use std::{env, fs};

const SOURCE: &str = "../src/gateway/turnstile.rs";

fn main() {
    println!("cargo::rerun-if-changed={SOURCE}");
    let source = fs::read_to_string(SOURCE).expect("the product's source");
    assert!(source.contains("use std::sync::"), "its locks are the standard library's");
    let scheduled = source.replace("std::sync::", "shuttle::sync::").replace("//!", "//");
    let out = env::var_os("OUT_DIR").expect("cargo's folder");
    fs::write(Path::new(&out).join("turnstile.rs"), scheduled).expect("written");
}
