//! What signing and sending an order cost through Rust and through the C ABI, beside their peers.
//! Prints Markdown.

mod allocations;
mod flow;
mod library;
mod order_path;
mod post_quantum;
mod rounds;
mod scaling;
mod signing;
mod telemetry;

use std::time::Duration;

use rounds::Effort;

#[global_allocator]
static ALLOCATOR: allocations::Counting = allocations::Counting;

const FULL: Effort = Effort { rounds: 200, slice: Duration::from_micros(500), orders: 200_000 };
const SMOKE: Effort = Effort { rounds: 3, slice: Duration::from_micros(10), orders: 20_000 };

const PARTS: [&str; 4] = ["signing", "post-quantum", "orders", "telemetry"];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((path, words)) = arguments.split_first() else {
        eprintln!("usage: bench PATH_TO_LIBTINYWINDOW_SO [smoke] [signing | post-quantum | orders | telemetry]");
        std::process::exit(2);
    };
    let says = |word| words.iter().any(|said| said == word);
    let effort = if says("smoke") { SMOKE } else { FULL };
    let shared = library::Shared::load(path);
    println!("## Rust and the C ABI\n");
    println!(
        "Nanoseconds; in brackets the ratio to the Rust API, or with a sign the difference to it."
    );
    let wanted = |part| says(part) || !PARTS.iter().any(|p| says(p));
    if wanted("signing") {
        signing::run(&shared, effort);
    }
    if wanted("post-quantum") {
        post_quantum::run(&shared, effort);
    }
    if wanted("orders") {
        order_path::run(&shared, effort);
        scaling::run(effort);
    }
    if wanted("telemetry") {
        telemetry::run(effort);
    }
}
