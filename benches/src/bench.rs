//! What signing and sending an order cost through Rust and through the C ABI, beside their peers.
//! Prints Markdown.

mod allocations;
mod flood;
mod flow;
mod library;
mod order_path;
mod rounds;
mod scaling;
mod signatures;
mod telemetry;
mod versions;

use std::time::Duration;

use rounds::Effort;

#[global_allocator]
static ALLOCATOR: allocations::Counting = allocations::Counting;

const FULL: Effort = Effort {
    rounds: 200,
    comparison: Duration::from_millis(1500),
    slice: Duration::from_micros(500),
    single_calls: 2000,
    orders: 200_000,
};

const SMOKE: Effort = Effort {
    rounds: 1,
    comparison: Duration::ZERO,
    slice: Duration::ZERO,
    single_calls: 1,
    orders: 20_000,
};

const PARTS: [&str; 4] = ["signatures", "orders", "flood", "telemetry"];

/// Those that compute signatures.
const CRATES: [&str; 12] = [
    "aws-lc-rs",
    "aws-lc-sys",
    "curve25519-dalek",
    "ed25519-dalek",
    "fips204",
    "graviola",
    "hmac",
    "libcrux-ml-dsa",
    "ml-dsa",
    "oqs-sys",
    "ring",
    "sha2",
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((path, words)) = arguments.split_first() else {
        eprintln!("usage: bench PATH_TO_LIBTINYWINDOW_SO [smoke] [{}]", PARTS.join(" | "));
        std::process::exit(2);
    };
    let says = |word| words.iter().any(|said| said == word);
    let effort = if says("smoke") { SMOKE } else { FULL };
    let shared: &'static _ = Box::leak(Box::new(library::Shared::load(path)));
    let wanted = |part| says(part) || !PARTS.iter().any(|p| says(p));
    versions::print(&CRATES);
    println!("\n## Rust and the C ABI");
    if wanted("signatures") {
        signatures::run(shared, effort);
    }
    if wanted("orders") {
        order_path::run(shared, effort);
        scaling::run(effort);
    }
    if wanted("flood") {
        flood::run(effort);
    }
    if wanted("telemetry") {
        telemetry::run(effort);
    }
}
