//! What was measured, and where.

use std::fs;
use std::process::Command;

/// Of this program alone.
const LOCK_FILE: &str = include_str!("../Cargo.lock");

/// Processor, system, compiler, and these crates.
pub fn print(crates: &[&str]) {
    let crates: Vec<String> = crates.iter().flat_map(|name| versions(name)).collect();
    println!("{}; {}; {}; {}.", processor(), system(), compiler(), crates.join(", "));
}

/// A crate as often as the lock file has it.
fn versions(name: &str) -> impl Iterator<Item = String> {
    let wanted = format!("name = \"{name}\"");
    let mut lines = LOCK_FILE.lines();
    std::iter::from_fn(move || {
        lines.find(|line| *line == wanted)?;
        let version = lines.next()?.strip_prefix("version = ")?;
        Some(format!("{name} {}", version.trim_matches('"')))
    })
}

fn processor() -> String {
    let about = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = about.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{count} × {}", model.unwrap_or(std::env::consts::ARCH))
}

fn system() -> String {
    let about = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = about.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    name.unwrap_or(std::env::consts::OS).trim_matches('"').to_owned()
}

fn compiler() -> String {
    let said = Command::new("rustc").arg("--version").output().map(|output| output.stdout);
    String::from_utf8_lossy(&said.unwrap_or_default()).trim().to_owned()
}
